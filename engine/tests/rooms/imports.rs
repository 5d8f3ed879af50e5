//! Which paths of its own crate a file names, in `use` and in the midst of code.

use crate::tokens::tokens;
use std::collections::BTreeSet;

/// The name of the library as the program beside it knows it.
const LIBRARY: &str = "krustlet_engine";

type Path = Vec<String>;

/// All paths within the crate that the source of `module` names, from the crate's root on.
pub fn imports(module: &[String], source: &str) -> BTreeSet<Path> {
    let tokens = tokens(source);
    let children = children(&tokens);
    let (mut found, mut at) = (BTreeSet::new(), 0);
    while at < tokens.len() {
        let begins = at == 0 || !["::", "."].contains(&tokens[at - 1].as_str());
        if tokens[at] == "use" {
            let mut paths = Vec::new();
            at = tree(&tokens, at + 1, &Path::new(), &mut paths);
            found.extend(paths.iter().filter_map(|path| absolute(module, &children, path)));
        } else if begins && tokens.get(at + 1).is_some_and(|next| next == "::") {
            let path = path(&tokens, at);
            at += path.len();
            found.extend(absolute(module, &children, &path));
        }
        at += 1;
    }
    found
}

/// The names behind `mod` that have files of their own.
fn children(tokens: &[String]) -> Vec<String> {
    let declared = tokens.windows(3).filter(|w| w[0] == "mod" && w[2] == ";");
    declared.map(|w| w[1].clone()).collect()
}

/// The names from `at` on, with `::` between them.
fn path(tokens: &[String], at: usize) -> Path {
    let mut path = vec![tokens[at].clone()];
    let mut next = at + 1;
    while tokens.get(next).is_some_and(|t| t == "::") {
        match tokens
            .get(next + 1)
            .filter(|t| t.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        {
            Some(name) => path.push(name.clone()),
            None => break,
        }
        next += 2;
    }
    path
}

/// Reads one part of a `use` from `at` on, below `above`; the place behind it.
fn tree(tokens: &[String], mut at: usize, above: &Path, found: &mut Vec<Path>) -> usize {
    let mut path = above.clone();
    while let Some(token) = tokens.get(at) {
        match token.as_str() {
            "{" => {
                while tokens.get(at).is_some_and(|t| t != "}") {
                    at = tree(tokens, at + 1, &path, found);
                }
                return at + 1;
            }
            "," | "}" | ";" => break,
            "::" | "*" => {}
            "as" => at += 1,
            name => path.push(name.to_owned()),
        }
        at += 1;
    }
    if path.len() > above.len() {
        found.push(path);
    }
    at
}

/// The path from the crate's root on; none if it leads out of the crate.
fn absolute(module: &[String], children: &[String], path: &[String]) -> Option<Path> {
    let mut base = module.to_vec();
    let mut rest = path;
    match rest.first()?.as_str() {
        "crate" | LIBRARY => {
            base.clear();
            rest = &rest[1..];
        }
        "self" => rest = &rest[1..],
        "super" => {}
        child if children.iter().any(|known| known == child) => {}
        _ => return None,
    }
    while rest.first().is_some_and(|name| name == "super") {
        base.pop()?;
        rest = &rest[1..];
    }
    base.extend(rest.iter().cloned());
    Some(base)
}
