//! The examples that are commands.

use crate::outcome::{Case, reference};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Examples that are not compared here, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    ("echo", "a server, which `components` runs in a network of its own"),
    ("fetch", "wants servers, which `network` has"),
    ("file-server", "a server, which `listeners` runs"),
    (
        "keyvalue-counter",
        "imports wasi:logging, which Wasmtime's command does not have",
    ),
    ("relay", "a service, which `network` asks"),
    ("web", "a service, which `services` asks"),
];

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

fn example(name: &'static str, args: &[&'static str]) -> Case {
    let program = fs::read(directory().join(name).join(format!("{name}.wasm"))).unwrap();
    Case::new(name, &program, args)
}

fn message(root: &Path) {
    fs::create_dir(root.join("config")).unwrap();
    fs::create_dir(root.join("data")).unwrap();
    fs::write(root.join("config/message"), "a message\n").unwrap();
}

fn cases() -> Vec<Case> {
    let mut hello = example("hello", &["hello", "one", "two words", ""]);
    hello.env = &["NAME=a=b", "EMPTY="];
    let mut files = example("files", &["files"]);
    files.furnish = message;
    vec![
        hello,
        example("hello", &["hello", "--exit", "42"]),
        example("hello", &["hello", "--exit", "much"]),
        files,
        example("files", &["files"]),
        example(
            "counter",
            &["counter", "--interval", "0", "--count", "1000", "--out", "/lines"],
        ),
        example("counter", &["counter", "--interval", "1", "--count", "3"]),
        example("counter", &["counter", "--no-such-flag", "1"]),
        example("memory", &["memory", "20"]),
        example("memory", &["memory", "much"]),
    ]
}

#[test]
fn examples_do_the_same() {
    let Some(wasmtime) = reference() else { return };
    for case in cases() {
        let (ours, theirs) = case.both(&wasmtime);
        assert_eq!(ours, theirs, "{} {:?}", case.name, case.args);
    }
}

/// A new example is compared, or there is a reason not to.
#[test]
fn every_example_is_known_here() {
    let mut known: BTreeSet<_> = cases().iter().map(|case| case.name.to_owned()).collect();
    known.extend(ELSEWHERE.iter().map(|(name, _)| (*name).to_owned()));
    for entry in fs::read_dir(directory()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.join(format!("{name}.wasm")).exists() {
            assert!(known.contains(&name), "{name}");
        }
    }
}
