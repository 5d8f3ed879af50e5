//! WASI 0.2, function by function: guests that call each of them and print a line for what came of it.

#[path = "../common/mod.rs"]
mod common;
mod guests;
mod interfaces;

use common::Serve;
use guests::{command, service};
use std::collections::BTreeSet;

/// Functions that no guest here calls, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    ("wasi:cli/exit#exit", "ends the guest: its statuses are tried below"),
    ("wasi:cli/exit#exit-with-code", "the same"),
    (
        "wasi:http/outgoing-handler#handle",
        "wants somebody who answers: tests of requests of guests have one",
    ),
    (
        "wasi:http/types#[method]future-incoming-response.",
        "the same; it comes of such a request",
    ),
    ("wasi:http/types#[method]incoming-response.", "the same"),
    (
        "wasi:sockets/ip-name-lookup#",
        "wants somebody who knows names: tests of name lookup have one",
    ),
];

/// Lines of all guests that may run here, and whether those that want a network of their own were among them.
async fn lines() -> (Vec<String>, bool) {
    let mut lines = command::plain().await;
    let Some(sockets) = command::sockets().await else {
        return (lines, false);
    };
    lines.extend(sockets);
    lines.extend(service::checks().await.expect("a network, as there was one before"));
    (lines, true)
}

#[tokio::test]
async fn every_function_has_a_check_and_all_checks_hold() {
    let (lines, all) = lines().await;
    let failed: Vec<_> = lines.iter().filter(|line| !line.starts_with("ok ")).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let checked: BTreeSet<_> = lines.iter().map(|line| function(line)).collect();
    let called = guests::called();
    let mut known = 0;
    for function in interfaces::functions() {
        known += 1;
        let networked = function.starts_with("wasi:sockets/") || function.starts_with("wasi:http/");
        let elsewhere = ELSEWHERE.iter().any(|(name, _)| function.starts_with(name));
        if elsewhere || (networked && !all) || guests::exported(&function) {
            continue;
        }
        assert!(checked.contains(function.as_str()), "no check of {function}");
        assert!(called.contains(&function), "no guest imports {function}");
    }
    assert!(known > 150, "WASI has more functions than {known}");
}

/// The function that a line is about.
fn function(line: &str) -> &str {
    let words = line.strip_prefix("ok ").unwrap_or(line);
    words.split_once(": ").map_or(words, |(function, _)| function)
}

#[tokio::test]
async fn what_is_said_on_the_way_out_is_the_status() {
    let serve = Serve::start().await;
    let mut request = serve.request(guests::COMMAND);
    for (how, status) in [("exit", 0), ("fail", 1), ("code", 42), ("nothing that it knows", 134)] {
        request.args = vec!["command".into(), how.into()];
        assert_eq!(serve.finish(&request).await.exit_status, status, "{how}");
    }
}

#[tokio::test]
async fn without_a_network_of_its_own_a_guest_can_make_no_connection() {
    let serve = Serve::start().await;
    let mut request = serve.request(guests::COMMAND);
    request.args = vec!["command".into(), "sockets".into()];
    let (out, _) = serve.with_files(&mut request);
    assert_eq!(serve.finish(&request).await.exit_status, 134);
    let text = std::fs::read_to_string(out).unwrap();
    assert!(
        !text.contains("ok wasi:sockets/tcp#[method]tcp-socket.finish-bind: settled"),
        "{text}"
    );
}
