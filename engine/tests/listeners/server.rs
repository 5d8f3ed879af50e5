//! The example: a server in Rust, as its script builds it, with its files in a pod.

use crate::yard::Yard;
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::io::{Read, Write};

const WASM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/file-server/file-server.wasm");

fn request(yard: &Yard) -> wire::CreateRequest {
    let mut request = yard.request(fs::read(WASM).unwrap(), &["0.0.0.0:7000"]);
    request.args = vec!["file-server".into(), "/srv".into()];
    request
}

fn get(yard: &Yard, head: &str) -> String {
    let mut client = yard.connect();
    client.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test]
async fn a_server_serves_files_of_its_root() {
    let Some(yard) = Yard::open().await else { return };
    let big = "0123456789abcdef".repeat(1 << 16);
    fs::create_dir(yard.serve.scratch.path("root/srv")).unwrap();
    fs::write(yard.serve.scratch.path("root/srv/index.html"), "<p>here").unwrap();
    fs::write(yard.serve.scratch.path("root/srv/big"), &big).unwrap();
    let mut request = request(&yard);
    let (out, err) = yard.serve.with_files(&mut request);
    yard.serve.launch(&request).await;
    let index = get(&yard, "GET / HTTP/1.1\r\nhost: pod\r\n\r\n");
    assert_eq!(
        index,
        "HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\n<p>here"
    );
    assert!(get(&yard, "GET /big HTTP/1.0\r\n\r\n").ends_with(&format!("\r\n\r\n{big}")));
    assert!(get(&yard, "HEAD /big HTTP/1.0\r\n\r\n").ends_with("content-length: 1048576\r\nconnection: close\r\n\r\n"));
    assert!(get(&yard, "GET /none HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 404 "));
    assert!(get(&yard, "GET /../srv/big HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 400 "));
    assert!(get(&yard, "POST / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 405 "));
    assert_eq!(yard.serve.end(&request.id, 15).await.exit_status, 143);
    let log = fs::read_to_string(out).unwrap();
    assert!(
        log.starts_with("serving /srv at port 7000\nGET / HTTP/1.1 200 OK\n"),
        "{log}"
    );
    assert_eq!(fs::read_to_string(err).unwrap(), "");
}

#[tokio::test]
async fn a_client_that_is_gone_ends_its_own_request() {
    let Some(yard) = Yard::open().await else { return };
    fs::create_dir(yard.serve.scratch.path("root/srv")).unwrap();
    fs::write(yard.serve.scratch.path("root/srv/big"), vec![0; 32 << 20]).unwrap();
    let mut request = request(&yard);
    let (_, err) = yard.serve.with_files(&mut request);
    yard.serve.launch(&request).await;
    let mut client = yard.connect();
    client.write_all(b"GET /big HTTP/1.0\r\n\r\n").unwrap();
    let mut first = [0; 1024];
    client.read_exact(&mut first).unwrap();
    drop(client);
    assert!(get(&yard, "GET /none HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 404 "));
    let complaint = fs::read_to_string(err).unwrap();
    assert!(complaint.starts_with("file-server: "), "{complaint}");
    assert_eq!(yard.serve.end(&request.id, 9).await.exit_status, 137);
}
