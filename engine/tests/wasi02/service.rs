//! The service: what it is asked, and what it answers.

use super::SERVICE;
use crate::common::{Namespace, Serve, is_root};
use krustlet_engine::ffi;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);
const REQUEST: &str = "PUT /checks?a=b HTTP/1.1\r\nHost: conformance\r\nConnection: close, TE\r\nTE: trailers\r\n\
    X-Many: one\r\nx-many: two\r\nTrailer: x-after\r\nTransfer-Encoding: chunked\r\n\r\n\
    3\r\ncon\r\n4\r\ntent\r\n0\r\nx-after: done\r\n\r\n";

/// Lines about HTTP, if the test may make networks.
pub async fn checks() -> Option<Vec<String>> {
    let namespace = is_root().then(Namespace::new).flatten()?;
    let up = ["netns", "exec", &namespace.0, "ip", "link", "set", "lo", "up"];
    assert!(Command::new("ip").args(up).status().unwrap().success());
    let serve = Serve::start().await;
    let mut request = serve.request(SERVICE);
    let path = format!("/run/netns/{}", namespace.0);
    request.network_namespace = path.clone();
    let (_, log) = serve.with_files(&mut request);
    serve.launch(&request).await;
    let answer = thread::spawn(move || ask(&path)).join().unwrap();
    let log = std::fs::read_to_string(log).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    assert!(head.starts_with("HTTP/1.1 299"), "{answer} {log}");
    assert!(head.contains("\r\nx-answer: yes"), "{head}");
    let (body, trailers) = unchunked(body);
    assert_eq!(trailers, "x-checks: over\r\n\r\n");
    Some(body.lines().map(str::to_owned).collect())
}

/// Asks in the network that `path` is of, which this thread does not leave again.
fn ask(path: &str) -> String {
    let network = ffi::fd::open(Path::new(path), libc::O_RDONLY).unwrap();
    ffi::thread::enter_network(network.as_fd()).unwrap();
    let mut stream = connect();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(REQUEST.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn connect() -> TcpStream {
    let begin = Instant::now();
    loop {
        match TcpStream::connect("127.0.0.1:8080") {
            Ok(stream) => return stream,
            Err(error) => assert!(begin.elapsed() < PATIENCE, "nobody listens: {error}"),
        }
        thread::yield_now();
    }
}

/// The content of a chunked body, and what comes after it.
fn unchunked(mut body: &str) -> (String, &str) {
    let mut content = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap_or_else(|_| panic!("{length} is no length of a chunk"));
        if length == 0 {
            return (content, rest);
        }
        content.push_str(&rest[..length]);
        body = &rest[length + 2..];
    }
    panic!("the body does not end: {content}");
}
