//! WASI preview 1, function by function, against the text of its specification.

#[path = "../common/mod.rs"]
mod common;
mod coverage;
#[path = "../steps/mod.rs"]
mod steps;
mod yard;

use common::{Serve, is_root};
use krustlet_engine::proto::engine as wire;
use std::fs;
use steps::{Functions, MOUNTS, SCRIPTS, Script, TRAPS, error};

/// A script's guest in the yard, its output, and what it says of an error.
async fn run(serve: &Serve, script: &Script) -> (wire::NextExitResponse, Vec<u8>, String) {
    let mut request = serve.request(&script.text);
    yard::bring_in(serve, &mut request);
    let (out, err) = serve.with_files(&mut request);
    let exit = serve.finish(&request).await;
    (exit, fs::read(out).unwrap(), fs::read_to_string(err).unwrap())
}

/// Has the script run and returns what did not come as it is written.
async fn broken(serve: &Serve, name: &str, script: &Script) -> Vec<String> {
    let (exit, results, said) = run(serve, script).await;
    assert_eq!(exit.exit_status, 0, "{name}: {} {said}", exit.cause);
    assert_eq!(results.len(), 8 * script.steps.len(), "{name}");
    let results = results
        .chunks_exact(8)
        .map(|r| u64::from_le_bytes(r.try_into().unwrap()));
    let pairs = script.steps.iter().zip(results);
    pairs
        .filter(|(step, result)| !step.expected.holds(*result))
        .map(|(step, result)| format!("{name}:{}  came to {result} ({})", step.line, error(result)))
        .collect()
}

#[tokio::test]
async fn every_step_of_the_scripts_comes_to_what_is_written() {
    let functions = Functions::all();
    let mut all = Vec::new();
    for (name, source) in SCRIPTS {
        let serve = Serve::start().await;
        yard::furnish(&serve);
        all.extend(broken(&serve, name, &Script::parse(source, &functions)).await);
    }
    assert!(all.is_empty(), "\n{}", all.join("\n"));
}

#[tokio::test]
async fn steps_over_mounts_come_to_what_is_written() {
    if !is_root() {
        return;
    }
    let serve = Serve::start().await;
    yard::furnish(&serve);
    let mounts = yard::mount(&serve);
    let (name, source) = MOUNTS;
    let broken = broken(&serve, name, &Script::parse(source, &Functions::all())).await;
    drop(mounts);
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[tokio::test]
async fn what_no_program_can_mean_is_a_trap() {
    let functions = Functions::all();
    let serve = Serve::start().await;
    yard::furnish(&serve);
    let mut others = Vec::new();
    for line in TRAPS.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let script = Script::parse(&format!("{line} -> trap"), &functions);
        let (exit, results, said) = run(&serve, &script).await;
        if exit.exit_status != 134 || !said.contains("error while executing") {
            others.push(format!("{line}: {} {results:?} {said}", exit.exit_status));
        }
    }
    assert!(others.is_empty(), "\n{}", others.join("\n"));
}
