//! Wasmtime's own command beside the engine, on the same guests: what they print, how they end and which files they leave
//! must be the same, but for what is listed with a reason.
//!
//! `KRUSTLET_REFERENCE` says where the command is, as `scripts/reference.sh` installs it; without it nothing is compared.

#[path = "../common/mod.rs"]
mod common;
mod examples;
mod outcome;
mod scripts;
mod services;
#[path = "../steps/mod.rs"]
mod steps;

use common::guest;
use outcome::{Case, reference};

const COMMAND: &[u8] = include_bytes!("../guests/command/command.wasm");

fn ending(name: &'static str, body: &str) -> Case {
    Case::new(name, guest("", body).as_bytes(), &[])
}

/// Differences that we want, by the name of the case.
const DIFFERENCES: &[(&str, &str)] = &[
    (
        "exit 126",
        "Wasmtime traps on it; of a container every byte is a status, and 126 is a shell's",
    ),
    ("exit 255", "the same"),
    (
        "exit 256",
        "the same; only the last byte is the status, as everywhere else",
    ),
    (
        "trap",
        "the status is the same; the text on stderr begins with our name and has no address",
    ),
];

#[test]
fn guests_end_alike() {
    let Some(wasmtime) = reference() else { return };
    let mut cases = vec![ending("trap", "unreachable")];
    for (name, status) in [
        ("exit 0", 0),
        ("exit 7", 7),
        ("exit 125", 125),
        ("exit 126", 126),
        ("exit 255", 255),
        ("exit 256", 256),
    ] {
        cases.push(ending(name, &format!("(call $proc_exit (i32.const {status}))")));
    }
    for how in ["exit", "fail", "code"] {
        cases.push(Case::new(how, COMMAND, &["command", how]));
    }
    for case in cases {
        let (ours, theirs) = case.both(&wasmtime);
        let wanted = DIFFERENCES.iter().any(|(name, _)| *name == case.name);
        assert_eq!(ours != theirs, wanted, "{}: {ours:?} and {theirs:?}", case.name);
        if case.name == "trap" {
            assert_eq!((ours.status, theirs.status), (Some(134), Some(134)));
        }
    }
}

#[test]
fn the_checks_of_wasi_0_2_come_to_the_same() {
    let Some(wasmtime) = reference() else { return };
    let mut case = Case::new("plain", COMMAND, &["command", "plain", "two words", ""]);
    case.env = &["NAME=a=b", "EMPTY="];
    case.input = "0123456789";
    let (ours, theirs) = case.both(&wasmtime);
    assert_eq!(ours, theirs);
    assert!(
        ours.stdout.lines().count() > 100 && !ours.stdout.contains("FAILED"),
        "{ours:?}"
    );
}
