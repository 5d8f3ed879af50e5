//! The files of a crate: what each is called as a module, how long it and its functions are, and what it imports.

use crate::imports::imports;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file.
#[derive(Debug)]
pub struct Source {
    /// Below the sources' folder.
    pub file: PathBuf,
    /// The names that lead to it: `a::b` for `a/b.rs` and for `a/b/mod.rs`, nothing for the library itself.
    pub module: String,
    /// The modules it imports of its own crate.
    pub imports: BTreeSet<String>,
    /// Its lines.
    pub lines: usize,
    /// Its longest function: the line it begins at, and how many it has.
    pub longest: (usize, usize),
}

/// All files below a folder.
///
/// # Errors
/// When one cannot be read.
pub fn sources(folder: &Path) -> io::Result<Vec<Source>> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    let read = |file: &PathBuf| fs::read_to_string(file).map(|text| (file.clone(), text));
    let texts = files.iter().map(read).collect::<io::Result<Vec<_>>>()?;
    let module = |file: &Path| names(file.strip_prefix(folder).unwrap_or(file));
    let known: BTreeSet<String> = files.iter().map(|file| module(file).join("::")).collect();
    let source = |(file, text): (PathBuf, String)| {
        let names = module(&file);
        let paths = imports(&names, &text);
        let mut imported: BTreeSet<_> = paths.iter().filter_map(|path| owner(path, &known)).collect();
        imported.remove(&names.join("::"));
        Source {
            file: file.strip_prefix(folder).unwrap_or(&file).to_owned(),
            module: names.join("::"),
            imports: imported,
            lines: text.lines().count(),
            longest: longest_function(&text),
        }
    };
    Ok(texts.into_iter().map(source).collect())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

fn names(file: &Path) -> Vec<String> {
    let path = file.with_extension("");
    let mut names: Vec<String> = path.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    names.pop_if(|last| last == "mod" || last == "lib");
    names
}

/// The module that has what the path leads to.
fn owner(path: &[String], known: &BTreeSet<String>) -> Option<String> {
    let ends = (1..=path.len()).rev();
    ends.map(|end| path[..end].join("::")).find(|name| known.contains(name))
}

/// Of formatted code: a function ends at the first brace that stands as far from the margin as its beginning.
fn longest_function(text: &str) -> (usize, usize) {
    let lines: Vec<&str> = text.lines().collect();
    let margin = |line: &str| line.len() - line.trim_start().len();
    let length = |begin: usize| {
        let end = format!("{}}}", &lines[begin][..margin(lines[begin])]);
        lines[begin..]
            .iter()
            .position(|line| **line == end)
            .map_or(1, |n| n + 1)
    };
    let begins = (0..lines.len()).filter(|n| is_function(lines[*n]) && !lines[*n].ends_with(['}', ';']));
    let all = begins.map(|begin| (begin + 1, length(begin)));
    all.max_by_key(|(_, length)| *length).unwrap_or_default()
}

fn is_function(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let before = [
        "pub",
        "pub(super)",
        "pub(crate)",
        "async",
        "const",
        "unsafe",
        "extern",
        "\"C\"",
    ];
    let first = words.iter().find(|word| !before.contains(*word));
    first == Some(&"fn")
}
