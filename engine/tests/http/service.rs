//! A service in a network of its own, and clients in it.

use crate::common::{Namespace, Serve, is_root};
use krustlet_engine::ffi;
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// The example, as its script builds it.
pub fn web() -> Vec<u8> {
    fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/web/web.wasm")).unwrap()
}

/// A service whose function does just that, whatever it is asked.
pub fn handler(body: &str) -> String {
    format!(
        r#"(component
  (import "wasi:http/types@0.2.0" (instance $types
    (export "incoming-request" (type (sub resource)))
    (export "response-outparam" (type (sub resource)))))
  (alias export $types "incoming-request" (type $request))
  (alias export $types "response-outparam" (type $out))
  (core module $m (memory 1) (func (export "handle") (param i32 i32) {body}))
  (core instance $i (instantiate $m))
  (func $handle (param "request" (own $request)) (param "response-out" (own $out))
    (canon lift (core func $i "handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))"#
    )
}

/// A service in a network of its own.
pub struct Service {
    pub serve: Serve,
    namespace: Namespace,
    pub request: wire::CreateRequest,
    log: PathBuf,
}

impl Service {
    /// None where the test may not make networks.
    pub async fn start(program: impl AsRef<[u8]>, env: &[&str]) -> Option<Self> {
        Self::held_to(wire::Policy::new(), program, env).await
    }

    /// The same with a policy.
    pub async fn held_to(policy: wire::Policy, program: impl AsRef<[u8]>, env: &[&str]) -> Option<Self> {
        Self::of(Serve::start().await, policy, program, env).await
    }

    /// The same of an engine that is there.
    pub async fn of(serve: Serve, policy: wire::Policy, program: impl AsRef<[u8]>, env: &[&str]) -> Option<Self> {
        let namespace = is_root().then(Namespace::new).flatten()?;
        let up = ["netns", "exec", &namespace.0, "ip", "link", "set", "lo", "up"];
        assert!(std::process::Command::new("ip").args(up).status().unwrap().success());
        let mut request = serve.request(program);
        request.network_namespace = format!("/run/netns/{}", namespace.0);
        request.env = env.iter().map(|e| (*e).to_owned()).collect();
        request.policy = Some(policy).into();
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
    pub fn connect(&self) -> TcpStream {
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

    pub fn ask(&self, path: &str) -> String {
        let mut stream = self.connect();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

/// A head and, of a response with a length, the content.
pub fn answer(stream: &mut BufReader<TcpStream>) -> (String, Vec<u8>) {
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

pub fn chunk(stream: &mut BufReader<TcpStream>) -> String {
    String::from_utf8(chunk_of(stream)).unwrap()
}

/// The same of any bytes.
pub fn chunk_of(stream: &mut BufReader<TcpStream>) -> Vec<u8> {
    let (mut length, mut end) = (String::new(), [0; 2]);
    stream.read_line(&mut length).unwrap();
    let mut bytes = vec![0; usize::from_str_radix(length.trim(), 16).unwrap()];
    stream.read_exact(&mut bytes).unwrap();
    stream.read_exact(&mut end).unwrap();
    bytes
}

/// A request that is on its way: its first part has been sent and has come back.
pub fn echoing(service: &Service) -> BufReader<TcpStream> {
    let mut stream = BufReader::new(service.connect());
    let head = b"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n";
    stream.get_mut().write_all(head).unwrap();
    let (head, _) = answer(&mut stream);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(chunk(&mut stream), "one");
    stream
}
