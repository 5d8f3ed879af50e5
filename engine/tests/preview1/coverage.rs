//! That nothing of the interface is left out.

use crate::steps::words::ERRORS;
use crate::steps::{Expectation, Functions, MOUNTS, SCRIPTS, Script, TRAPS, error};
use std::collections::BTreeSet;

/// `life` has a test of its exit codes: no step comes after it.
const ELSEWHERE: &[&str] = &["proc_exit"];

/// Errors that no call can come to here, and why.
const NEVER: &[(&str, &str)] = &[
    (
        "2big child deadlk intr mlink noexec nosys ownerdead notrecoverable srch txtbsy",
        "of processes, locks and programs, which preview 1 has none of, or of a kernel without limits of that kind",
    ),
    (
        "addrinuse addrnotavail afnosupport already connaborted connrefused connreset destaddrreq hostunreach inprogress \
         isconn msgsize netdown netreset netunreach nobufs noprotoopt notconn proto protonosupport prototype timedout",
        "of sockets, which no such guest has",
    ),
    (
        "badmsg dquot idrm multihop nolink nomsg stale",
        "reserved, or of quotas and remote file systems",
    ),
    (
        "busy nodev nxio notty nolck",
        "of devices and locks, which guests do not have",
    ),
    ("canceled", "calls that are cancelled do not return to the guest"),
    (
        "dom range overflow",
        "the guest's numbers are all valid, and Linux's fit into WASI's",
    ),
    ("fault", "a bad pointer is a trap"),
    ("again", "files and streams are waited for"),
    (
        "mfile nfile nomem",
        "a guest with too much of anything ends in a trap, see `bounds`",
    ),
    ("pipe", "a reader that goes ends no container, see `output`"),
    ("notcapable", "there are no rights any more"),
    ("rofs xdev", "Wasmtime has no words for EROFS and EXDEV"),
];

fn scripts(functions: &Functions) -> Vec<Script> {
    let sources = SCRIPTS.iter().chain([&MOUNTS]).map(|(_, source)| *source);
    sources.map(|source| Script::parse(source, functions)).collect()
}

#[test]
fn every_function_is_called() {
    let functions = Functions::all();
    let scripts = scripts(&functions);
    let mut called: BTreeSet<_> = scripts
        .iter()
        .flat_map(|s| &s.steps)
        .map(|s| s.function.as_str())
        .collect();
    called.extend(ELSEWHERE);
    let missing: Vec<_> = functions.names().filter(|name| !called.contains(name)).collect();
    assert!(missing.is_empty(), "no step calls {missing:?}");
    assert!(functions.names().count() >= 46);
    assert!(!TRAPS.is_empty());
}

#[test]
fn every_error_is_provoked_or_has_a_reason_not_to_be() {
    let scripts = scripts(&Functions::all());
    let calls = scripts
        .iter()
        .flat_map(|s| &s.steps)
        .filter(|s| s.function.contains('_'));
    let provoked: BTreeSet<_> = calls
        .filter_map(|step| match step.expected {
            Expectation::Is(n) | Expectation::Deviates(n, _) => Some(error(n)),
            _ => None,
        })
        .collect();
    let never: BTreeSet<_> = NEVER.iter().flat_map(|(names, _)| names.split_whitespace()).collect();
    for name in ERRORS.split_whitespace() {
        assert_ne!(provoked.contains(name), never.contains(name), "{name}");
    }
    assert_eq!(ERRORS.split_whitespace().count(), 77);
}
