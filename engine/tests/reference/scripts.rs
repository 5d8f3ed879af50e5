//! The scripts of preview 1.

use crate::outcome::{Case, Outcome, reference};
use crate::steps::{Expectation, Functions, SCRIPTS, Script, error, furniture};

/// Differences that we want, by the line of the script.
const DIFFERENCES: &[(&str, &str)] = &[(
    "poll:28: ",
    "Wasmtime sleeps for a clock of CPU time, which cannot be waited for",
)];

#[test]
fn steps_of_preview_1_come_to_the_same() {
    let Some(wasmtime) = reference() else { return };
    let functions = Functions::all();
    for (name, source) in SCRIPTS {
        let script = Script::parse(source, &functions);
        let mut case = Case::new(name, script.text.as_bytes(), &["guest", "two words", ""]);
        case.env = &["NAME=a=b", "EMPTY="];
        case.input = "input";
        case.furnish = furniture::fill;
        let (ours, theirs) = case.both(&wasmtime);
        let differing = differing(name, &script, &ours, &theirs);
        let wanted = |line: &String| DIFFERENCES.iter().any(|(wanted, _)| line.starts_with(wanted));
        let unwanted: Vec<_> = differing.iter().filter(|line| !wanted(line)).collect();
        assert!(unwanted.is_empty(), "{unwanted:#?}");
        let here = DIFFERENCES
            .iter()
            .filter(|(wanted, _)| wanted.starts_with(name))
            .count();
        assert_eq!(
            differing.len(),
            here,
            "{name}: a difference that is listed is none: {differing:?}"
        );
        assert_eq!((ours.status, &ours.stderr), (theirs.status, &theirs.stderr), "{name}");
        assert_eq!(ours.files, theirs.files, "{name}");
    }
}

/// Steps that came to something else. What is only expected not to be 0 is a time or a chance.
fn differing(name: &str, script: &Script, ours: &Outcome, theirs: &Outcome) -> Vec<String> {
    assert_eq!(ours.bytes.len(), 8 * script.steps.len(), "{ours:?}");
    assert_eq!(theirs.bytes.len(), ours.bytes.len(), "{theirs:?}");
    let pairs = ours.bytes.chunks_exact(8).zip(theirs.bytes.chunks_exact(8));
    let steps = script.steps.iter().zip(pairs);
    steps
        .filter(|(step, (ours, theirs))| step.expected != Expectation::NotZero && ours != theirs)
        .map(|(step, (ours, theirs))| format!("{name}:{}: {} and {}", step.line, word(ours), word(theirs)))
        .collect()
}

fn word(result: &[u8]) -> String {
    let result = u64::from_le_bytes(result.try_into().unwrap());
    format!("{result} ({})", error(result))
}
