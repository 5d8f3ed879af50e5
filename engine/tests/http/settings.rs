//! The bounds of services, each met.

use crate::common::code_of;
use crate::service::{Service, handler, web};
use krustlet_engine::proto::engine as wire;
use std::io::{BufRead, BufReader, Write};
use ttrpc::Code;

async fn bounded(program: impl AsRef<[u8]>, set: impl FnOnce(&mut wire::Http)) -> Option<Service> {
    let mut policy = wire::Policy::new();
    set(policy.http.mut_or_insert_default());
    Service::held_to(policy, program, &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_takes_too_long_is_given_up_and_the_log_says_so() {
    let Some(service) = bounded(handler("(loop (br 0))"), |http| http.request_timeout_ms = 100).await else {
        return;
    };
    assert!(service.ask("/slow").starts_with("HTTP/1.1 504"));
    let log = service.log();
    assert!(log.contains("krustlet: GET /slow: no response within 0.1 s"), "{log}");
    assert_eq!(service.serve.end(&service.request.id, 15).await.exit_status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_computes_too_long_fails_alone() {
    let mut policy = wire::Policy::new();
    (policy.cpu_time_ms, policy.wall_time_ms) = (20, 1);
    let Some(service) = Service::held_to(policy, handler("(loop (br 0))"), &[]).await else {
        return;
    };
    for path in ["/one", "/two"] {
        assert!(service.ask(path).starts_with("HTTP/1.1 500"));
        let log = service.log();
        assert!(log.contains(&format!("krustlet: GET {path}: ")), "{log}");
        assert!(log.contains("its CPU time of 20 ms is used up"), "{log}");
    }
    assert_eq!(service.serve.end(&service.request.id, 15).await.exit_status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_has_its_own_bound_of_memory() {
    let greedy = handler("(if (i32.eq (memory.grow (i32.const 64)) (i32.const -1)) (then unreachable))");
    let Some(service) = bounded(&greedy, |http| http.request_memory_bytes = 1 << 20).await else {
        return;
    };
    assert!(service.ask("/").starts_with("HTTP/1.1 500"));
    assert!(
        service
            .log()
            .contains("out of memory: 1 growths beyond the limit of 1048576 bytes")
    );
    let Some(free) = Service::start(&greedy, &[]).await else {
        return;
    };
    free.ask("/");
    assert!(free.log().contains("without a response"), "{}", free.log());
    assert_eq!(free.serve.stats(&free.request.id).await.memory_bytes, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_and_bodies_are_bounded() {
    let Some(service) = bounded(web(), |http| http.max_body_bytes = 10).await else {
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
async fn an_instance_answers_as_often_as_it_may() {
    let Some(fresh) = Service::start(web(), &[]).await else {
        return;
    };
    let Some(reused) = bounded(web(), |http| (http.max_requests_per_instance, http.workers) = (2, 1)).await else {
        return;
    };
    for (service, calls) in [(&fresh, [1, 1, 1]), (&reused, [1, 2, 1])] {
        for call in calls {
            let answer = service.ask("/instance");
            assert!(answer.contains(&format!("request {call} of this")), "{answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_does_not_respond_answers_no_more() {
    let Some(reused) = bounded(handler(""), |http| http.max_requests_per_instance = 9).await else {
        return;
    };
    for _ in 0..2 {
        assert!(reused.ask("/").starts_with("HTTP/1.1 500"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_threads_share_connections_and_end_together() {
    let Some(service) = bounded(handler("(loop (br 0))"), |http| http.workers = 3).await else {
        return;
    };
    let spinning: Vec<_> = (0..6)
        .map(|_| {
            let mut stream = service.connect();
            stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
            stream
        })
        .collect();
    crate::common::until_async("three threads work", async || {
        service.serve.stats(&service.request.id).await.threads == 3
    })
    .await;
    service.serve.pause(&service.request.id).await;
    service.serve.assert_rests(&service.request.id).await;
    service.serve.resume(&service.request.id).await;
    assert_eq!(service.serve.end(&service.request.id, 9).await.exit_status, 137);
    drop(spinning);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_is_a_line_of_the_log_if_that_is_wished() {
    let Some(service) = bounded(web(), |http| http.access_log = true).await else {
        return;
    };
    service.ask("/none?secret");
    let log = service.log();
    assert!(
        log.contains("\nkrustlet: GET /none: 404 in ") && log.ends_with(" µs\n"),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_out_of_its_range_is_refused() {
    let Some(service) = Service::start(web(), &[]).await else {
        return;
    };
    let mut request = service.request.clone();
    request.id = "other".to_owned();
    request
        .policy
        .mut_or_insert_default()
        .http
        .mut_or_insert_default()
        .max_head_bytes = 1;
    let refused = service.serve.create(&request).await.unwrap_err();
    assert!(
        refused.to_string().contains("a request's head: 1 is not between"),
        "{refused}"
    );
    assert_eq!(code_of(refused), Code::INVALID_ARGUMENT);
}
