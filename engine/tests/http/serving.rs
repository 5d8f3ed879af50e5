//! What services answer, and how they end.

use crate::common::{Scratch, Serve, code_of};
use crate::service::{Service, answer, chunk, echoing, handler, web};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use ttrpc::Code;

#[tokio::test(flavor = "multi_thread")]
async fn a_service_answers_with_its_environment_and_its_log_has_what_it_says() {
    let Some(service) = Service::start(web(), &["NAME=you"]).await else {
        return;
    };
    let answer = service.ask("/");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("hello, you\n"), "{answer}");
    assert!(service.ask("/none").starts_with("HTTP/1.1 404"));
    assert_eq!(service.log(), "there is nothing at /none\n");
    // What requests had is given back.
    let stats = service.serve.stats(&service.request.id).await;
    assert!(stats.memory_peak_bytes > 0 && stats.memory_bytes == 0, "{stats}");
    assert_eq!(service.serve.end(&service.request.id, 15).await.exit_status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_made_with_spins_kit_runs_unchanged() {
    let program = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests/spin/spin.wasm")).unwrap();
    let Some(service) = Service::start(program, &[]).await else {
        return;
    };
    let answer = service.ask("/way?of=asking");
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    assert!(answer.contains("GET of 0 bytes\n"), "{answer}");
    assert_eq!(
        std::fs::read_to_string(&service.request.stdio.stdout).unwrap(),
        "asked for /way\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_kept_and_bodies_stream_both_ways() {
    let Some(service) = Service::start(web(), &[]).await else {
        return;
    };
    let mut stream = echoing(&service);
    for _ in 0..3 {
        stream.get_mut().write_all(b"3\r\ntwo\r\n").unwrap();
        assert_eq!(chunk(&mut stream), "two");
    }
    stream.get_mut().write_all(b"0\r\n\r\n").unwrap();
    assert_eq!(chunk(&mut stream), "");
    stream
        .get_mut()
        .write_all(b"GET /none HTTP/1.1\r\nHost: h\r\n\r\n")
        .unwrap();
    assert!(answer(&mut stream).0.starts_with("HTTP/1.1 404"));
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_is_spoken_without_an_upgrade() {
    const SETTINGS: u8 = 4;
    let Some(service) = Service::start(web(), &[]).await else {
        return;
    };
    let mut stream = service.connect();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    stream.write_all(&[0, 0, 0, SETTINGS, 0, 0, 0, 0, 0]).unwrap();
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).unwrap();
    assert_eq!(frame[3], SETTINGS, "{frame:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_that_request_alone_and_its_reason_is_in_the_log() {
    let Some(trapping) = Service::start(handler("unreachable"), &[]).await else {
        return;
    };
    for path in ["/one", "/two"] {
        assert!(trapping.ask(path).starts_with("HTTP/1.1 500"));
        let log = trapping.log();
        let told = log.contains(&format!("krustlet: GET {path}: ")) && log.contains("unreachable");
        assert!(told, "{log}");
    }
    let Some(silent) = Service::start(handler(""), &[]).await else {
        return;
    };
    assert!(silent.ask("/").starts_with("HTTP/1.1 500"));
    assert!(silent.log().contains("krustlet: GET /: "), "{}", silent.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_only_computes_does_not_hold_up_signals() {
    let Some(service) = Service::start(handler("(loop (br 0))"), &[]).await else {
        return;
    };
    let mut spinning = service.connect();
    spinning.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    // The connection after it is heard of all the same.
    let mut other = service.connect();
    other.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut line = String::new();
    BufReader::new(other).read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 400"), "{line}");
    assert_eq!(service.serve.end(&service.request.id, 9).await.exit_status, 137);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_names_no_host_is_answered_where_http_allows_it() {
    let Some(service) = Service::start(web(), &["NAME=you"]).await else {
        return;
    };
    for (request, status) in [
        ("GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 200"),
        ("GET / HTTP/1.0\r\nUser-Agent: check\r\n\r\n", "HTTP/1.0 200"),
        (
            "GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n",
            "HTTP/1.0 200",
        ),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", "HTTP/1.1 200"),
        ("GET http://h/ HTTP/1.1\r\nHost: other\r\n\r\n", "HTTP/1.1 200"),
        ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400"),
        ("GET / HTTP/1.1\r\nHost: no host\r\n\r\n", "HTTP/1.1 400"),
    ] {
        let mut stream = service.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        assert!(line.starts_with(status), "{request:?}: {line}");
    }
}

/// More than one, for it is a race between the client's end and the answer.
#[tokio::test(flavor = "multi_thread")]
async fn who_sends_no_more_is_answered_all_the_same() {
    let Some(service) = Service::start(web(), &[]).await else {
        return;
    };
    for _ in 0..50 {
        let mut stream = service.connect();
        stream
            .write_all(b"POST /echo HTTP/1.0\r\nContent-Length: 3\r\n\r\none")
            .unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.starts_with("HTTP/1.0 200") && answer.ends_with("one"),
            "{answer:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_end_it_finishes_what_it_has_begun() {
    let Some(service) = Service::start(web(), &[]).await else {
        return;
    };
    let mut stream = echoing(&service);
    service.serve.signal(&service.request.id, 15).await.unwrap();
    stream.get_mut().write_all(b"3\r\ntwo\r\n0\r\n\r\n").unwrap();
    assert_eq!(chunk(&mut stream), "two");
    assert_eq!(chunk(&mut stream), "");
    assert_eq!(service.serve.next_exit().await.exit_status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_twice_it_ends_at_once() {
    let Some(service) = Service::start(web(), &[]).await else {
        return;
    };
    let _stream = echoing(&service);
    service.serve.signal(&service.request.id, 15).await.unwrap();
    assert_eq!(service.serve.end(&service.request.id, 15).await.exit_status, 143);
}

#[tokio::test]
async fn what_cannot_be_served_is_refused_before_it_starts() {
    let serve = Serve::start().await;
    let refused = serve.create(&serve.request(web())).await.unwrap_err();
    assert!(refused.to_string().contains("hostNetwork"), "{refused}");
    assert_eq!(code_of(refused), Code::INVALID_ARGUMENT);
    let scratch = Scratch::new();
    let program = crate::common::compiled(&scratch, "web", web());
    let mut run = std::process::Command::new(crate::common::ENGINE);
    let output = run.args(["run", "--env", "PORT=http"]).arg(program).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("PORT: 'http' is no port"), "{text}");
}
