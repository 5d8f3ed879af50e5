//! `wasi:logging`.

use crate::common::Serve;
use crate::forwarding::{Called, Function, Interface, answer, request};
use std::io::Read;

const LOGGING: Interface = Interface {
    types: r#"(type $l (enum "trace" "debug" "info" "warn" "error" "critical"))
        (export "level" (type $level (eq $l)))"#,
    named: &["level"],
    functions: &[Function {
        name: "log",
        kind: r#"(param "level" $level) (param "context" string) (param "message" string)"#,
        flat: 5,
        answers: false,
    }],
};
const NAME: &str = "wasi:logging/logging";

#[test]
fn each_level_is_a_line_on_stderr_under_each_name_of_the_interface() {
    for name in [NAME, "wasi:logging/logging@0.1.0-draft"] {
        let guest = Called::new(&LOGGING, name);
        for level in ["trace", "debug", "info", "warn", "error", "critical"] {
            let (out, err) = guest.call(&[], "log", &[level, "db", "two words"]);
            assert_eq!(
                (out, err),
                (String::new(), format!("{} db: two words\n", level.to_uppercase()))
            );
        }
    }
}

#[tokio::test]
async fn messages_are_in_the_log_of_the_container_a_line_each() {
    let serve = Serve::start().await;
    let hostile = "a\nINFO forged: \u{1b}[2J";
    let guest = request(&serve, &LOGGING.forwarding(NAME), "log", &["warn", "", hostile]);
    let (out, err) = answer(&serve, guest).await;
    assert_eq!((out.as_str(), err.as_str()), ("", "WARN a\\nINFO forged: \\u{1b}[2J\n"));
}

#[tokio::test]
async fn a_guest_whose_log_is_full_waits_and_can_be_ended() {
    let serve = Serve::start().await;
    let fifo = serve.scratch.fifo("log");
    let mut reader = crate::common::open_nonblocking(&fifo);
    let filler = std::fs::OpenOptions::new().read(true).write(true).open(&fifo).unwrap();
    let full = 65536;
    std::io::Write::write_all(&mut &filler, &vec![b'.'; full]).unwrap();
    let mut guest = request(&serve, &LOGGING.forwarding(NAME), "log", &["info", "", "late"]);
    guest.stdio.mut_or_insert_default().stderr = crate::common::display(&fifo);
    serve.launch(&guest).await;
    serve.assert_rests(&guest.id).await;
    assert_eq!(serve.end(&guest.id, 9).await.exit_status, 137);
    let mut text = Vec::new();
    drop(filler);
    let _ = reader.read_to_end(&mut text);
    assert_eq!(text.len(), full);
}
