//! Requests of guests: both ways as streams, what becomes of those that fail, and how they end.

use crate::common::until;
use crate::pod::{Pod, WEB, head, hello};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\n";

fn silent(mut stream: TcpStream) {
    let _ = stream.read_to_end(&mut Vec::new());
}

fn cut(stream: TcpStream) {
    let mut stream = BufReader::new(stream);
    head(&mut stream);
    let stream = stream.get_mut();
    stream.write_all(OK).unwrap();
    stream.write_all(b"content-length: 10\r\n\r\none").unwrap();
}

fn no_http(stream: TcpStream) {
    let mut stream = BufReader::new(stream);
    head(&mut stream);
    stream.get_mut().write_all(b"220 mail.test ESMTP\r\n\r\n").unwrap();
}

fn large_head(stream: TcpStream) {
    let mut stream = BufReader::new(stream);
    head(&mut stream);
    stream.get_mut().write_all(OK).unwrap();
    while stream.get_mut().write_all(&[b'x'; 4096]).is_ok() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_has_the_code_of_its_cause() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(8001, silent);
    pod.answer(8002, no_http);
    pod.answer(8003, large_head);
    for (url, code) in [
        ("http://web.test:8009/", "ConnectionRefused"),
        ("http://192.0.2.1/", "DestinationIpUnroutable"),
        ("http://web.test:8001/", "ConnectionReadTimeout"),
        ("http://web.test:8002/", "HttpProtocolError"),
        ("http://web.test:8003/", "HttpResponseHeaderSectionSize"),
        ("http://someone@web.test/", "HttpRequestUriInvalid"),
    ] {
        pod.fetch(&["--timeout", "1", url]).await.assert_failed(code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_is_cut_off_is_no_whole_one() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(8000, cut);
    let ended = pod.fetch(&["http://web.test:8000/"]).await;
    ended.assert_failed("fetch http://web.test:8000/: ");
    assert_eq!(ended.out, "200\none");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_both_families_are_fetched_from() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(8000, hello);
    let ended = pod.fetch(&[&format!("http://{WEB}:8000")]).await;
    ended.assert_fetched("200\nGET / HTTP/1.1 for 10.77.0.1:8000");
    let six = pod.inside(|| std::net::TcpListener::bind("[::1]:8006").unwrap());
    std::thread::spawn(move || hello(six.accept().unwrap().0));
    let ended = pod.fetch(&["http://[::1]:8006/x"]).await;
    ended.assert_fetched("200\nGET /x HTTP/1.1 for [::1]:8006");
}

fn chunk(stream: &mut BufReader<TcpStream>) -> String {
    let (mut length, mut end) = (String::new(), [0; 2]);
    stream.read_line(&mut length).unwrap();
    let mut bytes = vec![0; usize::from_str_radix(length.trim(), 16).unwrap()];
    stream.read_exact(&mut bytes).unwrap();
    stream.read_exact(&mut end).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ways_are_streams() {
    let Some(pod) = Pod::new().await else { return };
    let listener = pod.listen(8000);
    let fifo = pod.serve.scratch.fifo("stdin");
    let request = pod.fetching(&["--post", "http://web.test:8000/"], |request| {
        request.stdio.mut_or_insert_default().stdin = crate::common::display(&fifo);
    });
    pod.serve.launch(&request).await;
    let mut stdin = fs::OpenOptions::new().write(true).open(&fifo).unwrap();
    pod.serve.close_io(&request.id).await;
    let mut stream = BufReader::new(listener.accept().unwrap().0);
    let head = head(&mut stream);
    assert!(
        head.starts_with("POST / HTTP/1.1") && head.contains("transfer-encoding: chunked"),
        "{head}"
    );
    for part in ["one", "two"] {
        stdin.write_all(part.as_bytes()).unwrap();
        assert_eq!(chunk(&mut stream), part);
    }
    drop(stdin);
    assert_eq!(chunk(&mut stream), "");
    stream.get_mut().write_all(OK).unwrap();
    stream
        .get_mut()
        .write_all(b"transfer-encoding: chunked\r\n\r\n")
        .unwrap();
    let printed = || fs::read_to_string(&request.stdio.stdout).unwrap_or_default();
    for (part, all) in [("three", "200\nthree"), ("four", "200\nthreefour")] {
        write!(stream.get_mut(), "{:x}\r\n{part}\r\n", part.len()).unwrap();
        until("the part is printed", || printed() == all).await;
    }
    stream.get_mut().write_all(b"0\r\n\r\n").unwrap();
    assert_eq!(pod.serve.next_exit().await.exit_status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_under_way_are_bounded_for_all_guests_of_a_container() {
    let Some(pod) = Pod::new().await else { return };
    let listener = pod.listen(8000);
    let first = pod.fetching(&["http://web.test:8000/"], |request| {
        let network = request.policy.mut_or_insert_default().network.mut_or_insert_default();
        network.max_outgoing_requests = 1;
    });
    pod.serve.launch(&first).await;
    let mut stream = listener.accept().unwrap().0;
    let exec = || {
        pod.fetching(&["http://web.test:8000/"], |request| {
            request.container = first.id.clone()
        })
    };
    pod.ended(&exec()).await.assert_failed("ConnectionLimitReached");
    stream.write_all(OK).unwrap();
    stream.write_all(b"content-length: 0\r\n\r\n").unwrap();
    assert_eq!(pod.serve.next_exit().await.exit_status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_waits_for_a_response_rests_is_paused_and_killed() {
    let Some(pod) = Pod::new().await else { return };
    let listener = pod.listen(8000);
    for (signal, status) in [(9, 137), (15, 143)] {
        let request = pod.fetching(&["http://web.test:8000/"], |_| {});
        pod.serve.launch(&request).await;
        let mut stream = listener.accept().unwrap().0;
        pod.serve.pause(&request.id).await;
        pod.serve.assert_rests(&request.id).await;
        pod.serve.resume(&request.id).await;
        assert_eq!(pod.serve.end(&request.id, signal).await.exit_status, status);
        // The connection is gone with its guest.
        assert!(stream.read_to_end(&mut Vec::new()).is_ok());
    }
}

#[tokio::test]
async fn without_a_network_of_its_own_a_guest_sends_nothing() {
    let serve = crate::common::Serve::start().await;
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/fetch/fetch.wasm");
    for (url, why) in [
        ("http://127.0.0.1:1/", "HttpRequestDenied"),
        ("tcp://localhost:1", "ermission denied"),
    ] {
        let mut request = serve.request(fs::read(example).unwrap());
        request.args = vec!["fetch".to_owned(), url.to_owned()];
        let (_, err) = serve.with_files(&mut request);
        assert_eq!(serve.finish(&request).await.exit_status, 1);
        let text = fs::read_to_string(err).unwrap();
        assert!(text.contains(why), "{text}");
    }
}
