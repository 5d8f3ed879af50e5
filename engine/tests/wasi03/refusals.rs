//! Without the switch.

use crate::common::{ENGINE, Scratch, Serve, code_of, compile, compiled_with};
use crate::{COMMAND, SERVICE, WASI3};
use std::process::Command;
use ttrpc::Code;

#[test]
fn a_component_is_refused_with_the_way_to_have_it_run() {
    for program in [COMMAND, SERVICE] {
        let output = compile(program);
        let sentence = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(65), "{sentence}");
        assert!(sentence.contains("WASI 0.3"), "{sentence}");
        assert!(
            sentence.contains("wasi3 = true") && sentence.contains("--wasi3"),
            "{sentence}"
        );
    }
}

#[tokio::test]
async fn code_for_one_kind_of_engine_is_nothing_to_the_other() {
    let scratch = Scratch::new();
    let code = compiled_with(&scratch, "command", COMMAND, WASI3);
    let serve = Serve::start().await;
    let mut request = serve.request(crate::common::guest("", ""));
    request.compiled_path = code.display().to_string();
    let refused = serve.create(&request).await.unwrap_err();
    assert!(refused.to_string().contains("concurrency support"), "{refused}");
    assert_eq!(code_of(refused), Code::INVALID_ARGUMENT);

    let hash = |switches: &[&str]| {
        let output = Command::new(ENGINE).arg("version").args(switches).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .find_map(|l| l.strip_prefix("engine_hash=").map(str::to_owned))
            .unwrap()
    };
    assert_eq!(hash(&[]), hash(&[]));
    assert_ne!(hash(&[]), hash(WASI3));
}

#[test]
fn one_is_run_by_itself_with_the_switch() {
    let scratch = Scratch::new();
    let code = compiled_with(&scratch, "command", COMMAND, WASI3);
    let mut command = Command::new(ENGINE);
    command
        .args(["run", "--wasi3"])
        .arg(code)
        .args(["--", "command", "resolve", "a.test"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    // It has no network.
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("AccessDenied"),
        "{output:?}"
    );
}
