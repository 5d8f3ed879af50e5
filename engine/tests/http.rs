//! Services: what they answer, how their requests fail one by one, and how they end.

mod common;

use common::{Namespace, Scratch, Serve, code_of, is_root};
use krustlet_engine::ffi;
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;
use ttrpc::Code;

const PATIENCE: Duration = Duration::from_secs(20);

/// The example, as its script builds it.
fn web() -> Vec<u8> {
    fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/web/web.wasm")).unwrap()
}

/// A service whose function does just that, whatever it is asked.
fn handler(body: &str) -> String {
    format!(
        r#"(component
  (import "wasi:http/types@0.2.0" (instance $types
    (export "incoming-request" (type (sub resource)))
    (export "response-outparam" (type (sub resource)))))
  (alias export $types "incoming-request" (type $request))
  (alias export $types "response-outparam" (type $out))
  (core module $m (func (export "handle") (param i32 i32) {body}))
  (core instance $i (instantiate $m))
  (func $handle (param "request" (own $request)) (param "response-out" (own $out))
    (canon lift (core func $i "handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))"#
    )
}

/// A service in a network of its own.
struct Service {
    serve: Serve,
    namespace: Namespace,
    request: wire::CreateRequest,
    log: PathBuf,
}

impl Service {
    /// None where the test may not make networks.
    async fn start(program: impl AsRef<[u8]>, env: &[&str]) -> Option<Self> {
        let namespace = is_root().then(Namespace::new).flatten()?;
        let up = ["netns", "exec", &namespace.0, "ip", "link", "set", "lo", "up"];
        assert!(std::process::Command::new("ip").args(up).status().unwrap().success());
        let serve = Serve::start().await;
        let mut request = serve.request(program);
        request.network_namespace = format!("/run/netns/{}", namespace.0);
        request.env = env.iter().map(|e| (*e).to_owned()).collect();
        let user = request.user.mut_or_insert_default();
        (user.uid, user.gid) = (1000, 1000);
        let (_, log) = serve.with_files(&mut request);
        serve.launch(&request).await;
        Some(Self {
            serve,
            namespace,
            request,
            log,
        })
    }

    /// A connection to it, made by a thread that enters its network; the socket stays there.
    fn connect(&self) -> TcpStream {
        let path = format!("/run/netns/{}", self.namespace.0);
        let connecting = thread::spawn(move || {
            let network = ffi::fd::open(Path::new(&path), libc::O_RDONLY).unwrap();
            ffi::thread::enter_network(network.as_fd()).unwrap();
            for _ in 0..1000 {
                if let Ok(stream) = TcpStream::connect("127.0.0.1:8080") {
                    return stream;
                }
                thread::sleep(Duration::from_millis(5));
            }
            panic!("nobody listens");
        });
        let stream = connecting.join().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn ask(&self, path: &str) -> String {
        let mut stream = self.connect();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

/// A head and, of a response with a length, the content.
fn answer(stream: &mut BufReader<TcpStream>) -> (String, Vec<u8>) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(stream.read_line(&mut head).unwrap(), 0, "{head}");
    }
    let length = head
        .lines()
        .find_map(|l| l.strip_prefix("content-length: ")?.parse().ok());
    let mut content = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut content).unwrap();
    (head, content)
}

fn chunk(stream: &mut BufReader<TcpStream>) -> String {
    let (mut length, mut end) = (String::new(), [0; 2]);
    stream.read_line(&mut length).unwrap();
    let mut bytes = vec![0; usize::from_str_radix(length.trim(), 16).unwrap()];
    stream.read_exact(&mut bytes).unwrap();
    stream.read_exact(&mut end).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// A request that is on its way: its first part has been sent and has come back.
fn echoing(service: &Service) -> BufReader<TcpStream> {
    let mut stream = BufReader::new(service.connect());
    let head = b"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n";
    stream.get_mut().write_all(head).unwrap();
    let (head, _) = answer(&mut stream);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(chunk(&mut stream), "one");
    stream
}

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
    let program = common::compiled(&scratch, "web", web());
    let mut run = std::process::Command::new(common::ENGINE);
    let output = run.args(["run", "--env", "PORT=http"]).arg(program).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("PORT: 'http' is no port"), "{text}");
}
