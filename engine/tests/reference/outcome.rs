//! A guest, and what comes of it under each of the two.

use crate::common::{ENGINE, Scratch, compiled};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Wasmtime's command, if there is one to compare with.
pub fn reference() -> Option<PathBuf> {
    let Some(path) = std::env::var_os("KRUSTLET_REFERENCE") else {
        eprintln!("skipped: KRUSTLET_REFERENCE does not say where Wasmtime's command is");
        return None;
    };
    let output = Command::new(&path).arg("--version").output().unwrap();
    let version = String::from_utf8(output.stdout).unwrap();
    let own = krustlet_engine::wasmtime_engine::WASMTIME_VERSION;
    assert!(
        version.starts_with(&format!("wasmtime {own}")),
        "{version} is not {own}"
    );
    Some(path.into())
}

/// A guest and what it is given.
pub struct Case {
    pub name: &'static str,
    pub program: Vec<u8>,
    pub args: Vec<&'static str>,
    pub env: &'static [&'static str],
    pub input: &'static str,
    /// Fills the root.
    pub furnish: fn(&Path),
}

/// How it ended, what it said, and what its root has in it afterwards.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    pub status: Option<i32>,
    pub stdout: String,
    pub bytes: Vec<u8>,
    pub stderr: String,
    pub files: BTreeMap<PathBuf, String>,
}

impl Case {
    pub fn new(name: &'static str, program: &[u8], args: &[&'static str]) -> Self {
        Self {
            name,
            program: program.to_vec(),
            args: if args.is_empty() { vec!["guest"] } else { args.to_vec() },
            env: &[],
            input: "",
            furnish: |_| (),
        }
    }

    /// Ours first.
    pub fn both(&self, wasmtime: &Path) -> (Outcome, Outcome) {
        (self.ours(), self.theirs(wasmtime))
    }

    fn ours(&self) -> Outcome {
        let scratch = Scratch::new();
        let program = compiled(&scratch, "program", &self.program);
        let root = self.root(&scratch);
        let mut command = Command::new(ENGINE);
        command.arg("run").arg("--dir").arg(format!("{}:/", root.display()));
        self.give(&mut command);
        command.arg(program).arg("--").args(&self.args);
        self.outcome(command, &root)
    }

    fn theirs(&self, wasmtime: &Path) -> Outcome {
        let scratch = Scratch::new();
        let program = scratch.path("program.wasm");
        fs::write(&program, &self.program).unwrap();
        let root = self.root(&scratch);
        let mut command = Command::new(wasmtime);
        command.arg("run").arg("--dir").arg(format!("{}::/", root.display()));
        self.give(&mut command);
        command
            .arg("--argv0")
            .arg(self.args[0])
            .arg(program)
            .args(&self.args[1..]);
        self.outcome(command, &root)
    }

    fn root(&self, scratch: &Scratch) -> PathBuf {
        let root = scratch.path("root");
        (self.furnish)(&root);
        root
    }

    fn give(&self, command: &mut Command) {
        for variable in self.env {
            command.arg("--env").arg(variable);
        }
    }

    fn outcome(&self, mut command: Command, root: &Path) -> Outcome {
        command.env_remove("RUST_BACKTRACE");
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A guest that does not read has perhaps gone already.
        let _ = child.stdin.take().unwrap().write_all(self.input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let mut files = BTreeMap::new();
        list(root, root, &mut files);
        Outcome {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            bytes: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            files,
        }
    }
}

/// What is below `directory`: of a file its mode and content, of a link its target.
fn list(root: &Path, directory: &Path, files: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let meta = path.symlink_metadata().unwrap();
        let text = match meta.file_type() {
            kind if kind.is_dir() => "directory".to_owned(),
            kind if kind.is_symlink() => fs::read_link(&path).unwrap().display().to_string(),
            _ => String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned(),
        };
        if meta.is_dir() {
            list(root, &path, files);
        }
        let name = path.strip_prefix(root).unwrap().to_owned();
        files.insert(name, format!("{:o} {text}", meta.mode()));
    }
}
