//! Services that send requests of their own.

use crate::pod::{Pod, head, hello, only};
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

/// The example, as its script builds it, which passes requests on.
async fn relay(pod: &Pod, change: impl FnOnce(&mut wire::CreateRequest)) -> wire::CreateRequest {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/relay/relay.wasm");
    let mut request = pod.serve.request(fs::read(example).unwrap());
    request.env = vec!["UPSTREAM=web.test:8000".to_owned()];
    pod.place(&mut request);
    change(&mut request);
    pod.serve.launch(&request).await;
    request
}

fn connected(pod: &Pod) -> TcpStream {
    let stream = pod.inside(|| {
        for _ in 0..1000 {
            if let Ok(stream) = TcpStream::connect("127.0.0.1:8080") {
                return stream;
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("nobody listens");
    });
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

fn get(mut stream: TcpStream) -> String {
    stream
        .write_all(b"GET /a?b HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_are_passed_on_at_once() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(8000, hello);
    let request = relay(&pod, only(&["web.test:8000"])).await;
    let askers: Vec<_> = (0..32).map(|_| connected(&pod)).collect();
    let askers: Vec<_> = askers.into_iter().map(|stream| thread::spawn(|| get(stream))).collect();
    for asker in askers {
        let answer = asker.join().unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("GET /a?b HTTP/1.1 for web.test:8000"), "{answer}");
    }
    assert_eq!(pod.serve.end(&request.id, 15).await.exit_status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_may_not_reach_is_that_requests_failure() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(8000, hello);
    let request = relay(&pod, only(&["other.test"])).await;
    for _ in 0..2 {
        let answer = get(connected(&pod));
        assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    }
    let log = fs::read_to_string(&request.stdio.stderr).unwrap();
    assert_eq!(log, "upstream: ErrorCode::HttpRequestDenied\n".repeat(2));
    assert_eq!(pod.serve.end(&request.id, 15).await.exit_status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_streams_through() {
    let Some(pod) = Pod::new().await else { return };
    let listener = pod.listen(8000);
    let request = relay(&pod, |_| {}).await;
    let mut asker = connected(&pod);
    asker.write_all(b"GET / HTTP/1.1\r\nHost: relay\r\n\r\n").unwrap();
    let mut upstream = BufReader::new(listener.accept().unwrap().0);
    head(&mut upstream);
    let upstream = upstream.get_mut();
    upstream
        .write_all(b"HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n")
        .unwrap();
    let mut asker = BufReader::new(asker);
    assert!(head(&mut asker).starts_with("HTTP/1.1 201"));
    for part in ["3\r\none\r\n", "3\r\ntwo\r\n"] {
        upstream.write_all(part.as_bytes()).unwrap();
        let mut line = String::new();
        asker.read_line(&mut line).unwrap();
        asker.read_line(&mut line).unwrap();
        assert_eq!(line, part);
    }
    assert_eq!(pod.serve.end(&request.id, 9).await.exit_status, 137);
}
