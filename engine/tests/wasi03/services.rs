//! Services: `wasi:http/handler`.

use crate::common::{Serve, until, until_async};
use crate::service::{Service, answer, chunk, chunk_of, echoing};
use crate::{SERVICE, WASI3};
use krustlet_engine::proto::engine as wire;
use std::io::{BufRead, BufReader, Read, Write};

async fn service(set: impl FnOnce(&mut wire::Policy)) -> Option<Service> {
    let mut policy = wire::Policy::new();
    set(&mut policy);
    Service::of(Serve::switched(WASI3).await, policy, SERVICE, &[]).await
}

/// Waits until no instance has memory.
async fn nothing_is_left(service: &Service) {
    let id = &service.request.id;
    until_async("no instance has memory", async || {
        service.serve.stats(id).await.memory_bytes == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_answers_with_trailers_and_its_log_has_what_it_says() {
    let Some(service) = service(|_| {}).await else { return };
    for _ in 0..2 {
        let mut stream = service.connect();
        let fields = "Connection: close, TE\r\nTE: trailers\r\n";
        write!(stream, "GET / HTTP/1.1\r\nHost: some.test\r\n{fields}\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("hello from some.test, request 1 of this"), "{answer}");
        assert!(answer.ends_with("\r\n0\r\nx-after: done\r\n\r\n"), "{answer}");
    }
    assert!(service.ask("/none").starts_with("HTTP/1.1 404"));
    assert_eq!(service.log(), "asked for some.test\nasked for some.test\n");
    assert!(service.serve.stats(&service.request.id).await.memory_peak_bytes > 0);
    nothing_is_left(&service).await;
    assert_eq!(service.serve.end(&service.request.id, 15).await.exit_status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_and_trailers_stream_both_ways() {
    let Some(service) = service(|_| {}).await else { return };
    let mut stream = echoing(&service);
    for _ in 0..3 {
        stream.get_mut().write_all(b"3\r\ntwo\r\n").unwrap();
        assert_eq!(chunk(&mut stream), "two");
    }
    stream.get_mut().write_all(b"0\r\n\r\n").unwrap();
    assert_eq!(chunk(&mut stream), "");
    for path in ["/echo", "/pass"] {
        let mut stream = service.connect();
        let fields =
            "Host: h\r\nConnection: close, TE\r\nTE: trailers\r\nTrailer: x-last\r\nTransfer-Encoding: chunked";
        write!(
            stream,
            "POST {path} HTTP/1.1\r\n{fields}\r\n\r\n4\r\nmore\r\n0\r\nx-last: one\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.ends_with("\r\n4\r\nmore\r\n0\r\nx-last: one\r\n\r\n"),
            "{path}: {answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_comes_back_whole() {
    const BYTES: usize = 3 << 20;
    let Some(service) = service(|_| {}).await else { return };
    for path in ["/echo", "/pass"] {
        let stream = service.connect();
        let mut sender = stream.try_clone().unwrap();
        let sending = std::thread::spawn(move || {
            write!(
                sender,
                "POST {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {BYTES}\r\n\r\n"
            )
            .unwrap();
            let body: Vec<u8> = (0..BYTES).map(|n| (n / 7) as u8).collect();
            sender.write_all(&body).unwrap();
        });
        let mut stream = BufReader::new(stream);
        let (head, mut all) = answer(&mut stream);
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        // What is passed on has the length it came with; what goes through the guest is in chunks.
        while head.contains("transfer-encoding: chunked") {
            match chunk_of(&mut stream) {
                part if part.is_empty() => break,
                part => all.extend(part),
            }
        }
        sending.join().unwrap();
        assert_eq!(all.len(), BYTES, "{path}");
        assert!(all.iter().enumerate().all(|(n, byte)| *byte == (n / 7) as u8));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_that_request_alone_and_its_reason_is_in_the_log() {
    let Some(service) = service(|_| {}).await else { return };
    assert!(service.ask("/trap").starts_with("HTTP/1.1 500"));
    assert!(service.ask("/error").starts_with("HTTP/1.1 500"));
    let log = service.log();
    assert!(
        log.contains("krustlet: GET /trap: ") && log.contains("unreachable"),
        "{log}"
    );
    assert!(
        log.contains("krustlet: GET /error: the guest answers with the error") && log.contains("as asked"),
        "{log}"
    );
    // What a trap cuts off does not look whole.
    let late = service.ask("/late");
    assert!(late.contains("begun") && !late.ends_with("0\r\n\r\n"), "{late}");
    until("the log tells of it", || {
        service.log().contains("krustlet: GET /late: ")
    })
    .await;
    assert!(service.ask("/").contains("hello"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_waits_or_computes_too_long_is_given_up() {
    let Some(service) = service(|p| p.http.mut_or_insert_default().request_timeout_ms = 100).await else {
        return;
    };
    for path in ["/wait", "/spin"] {
        assert!(service.ask(path).starts_with("HTTP/1.1 504"));
        let log = service.log();
        assert!(
            log.contains(&format!("krustlet: GET {path}: no response within 0.1 s")),
            "{log}"
        );
    }
    nothing_is_left(&service).await;
    assert_eq!(service.serve.end(&service.request.id, 15).await.exit_status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn cpu_time_and_memory_of_a_request_are_bounded() {
    let bounds = |p: &mut wire::Policy| {
        p.cpu_time_ms = 30;
        p.http.mut_or_insert_default().request_memory_bytes = 8 << 20;
    };
    let Some(service) = service(bounds).await else { return };
    assert!(service.ask("/spin").starts_with("HTTP/1.1 500"));
    assert!(service.ask("/greedy").starts_with("HTTP/1.1 500"));
    let log = service.log();
    assert!(log.contains("its CPU time of 30 ms is used up"), "{log}");
    assert!(log.contains("krustlet: out of memory: 2 growths beyond"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_and_bodies_are_bounded() {
    let Some(service) = service(|p| p.http.mut_or_insert_default().max_body_bytes = 10).await else {
        return;
    };
    for (head, status) in [
        ("Content-Length: 10\r\n\r\n0123456789".to_owned(), "200"),
        ("Content-Length: 11\r\n\r\n".to_owned(), "413"),
        (format!("X: {}\r\n\r\n", "x".repeat(100_000)), "431"),
    ] {
        let mut stream = service.connect();
        // The rest of a head that is too large may not be read any more.
        let _ = write!(stream, "POST /echo HTTP/1.1\r\nHost: h\r\n{head}");
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        assert!(line.starts_with(&format!("HTTP/1.1 {status}")), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_may_work_behind_its_response_and_nobody_reads_it_for_ever() {
    let Some(service) = service(|p| p.http.mut_or_insert_default().request_timeout_ms = 300).await else {
        return;
    };
    assert!(service.ask("/after").contains("answered"));
    until("it has worked on", || service.log().contains("done after the response")).await;
    let mut stream = BufReader::new(service.connect());
    stream
        .get_mut()
        .write_all(b"GET /pour HTTP/1.1\r\nHost: h\r\n\r\n")
        .unwrap();
    assert!(answer(&mut stream).0.starts_with("HTTP/1.1 200"));
    drop(stream);
    nothing_is_left(&service).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_at_once_are_answered_each_by_its_own_instance() {
    let Some(service) = service(|_| {}).await else { return };
    let mut streams: Vec<_> = (0..60).map(|_| service.connect()).collect();
    for stream in &mut streams {
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            .unwrap();
    }
    for mut stream in streams {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("request 1 of this instance"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_end_it_as_any_service() {
    let Some(draining) = service(|_| {}).await else { return };
    let mut stream = echoing(&draining);
    draining.serve.signal(&draining.request.id, 15).await.unwrap();
    stream.get_mut().write_all(b"3\r\ntwo\r\n0\r\n\r\n").unwrap();
    assert_eq!(chunk(&mut stream), "two");
    assert_eq!(chunk(&mut stream), "");
    assert_eq!(draining.serve.next_exit().await.exit_status, 0);
    let Some(killed) = service(|_| {}).await else { return };
    let _stream = echoing(&killed);
    let mut spinning = killed.connect();
    spinning.write_all(b"GET /spin HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    assert_eq!(killed.serve.end(&killed.request.id, 9).await.exit_status, 137);
}
