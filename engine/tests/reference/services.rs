//! Services, asked the same by the same client.

use crate::common::{ENGINE, Scratch, compiled};
use crate::outcome::reference;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);
const SERVICE: &[u8] = include_bytes!("../guests/service/service.wasm");
const CHECKS: &str = "PUT /checks?a=b HTTP/1.1\r\nHost: conformance\r\nConnection: close, TE\r\nTE: trailers\r\n\
    X-Many: one\r\nx-many: two\r\nTransfer-Encoding: chunked\r\n\r\n\
    3\r\ncon\r\n4\r\ntent\r\n0\r\nx-after: done\r\n\r\n";

/// Somebody who serves at a port of the loopback until this goes.
struct Server {
    child: Child,
    port: u16,
    _scratch: Scratch,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Server {
    fn start(mut command: Command, port: u16, scratch: Scratch) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begin.elapsed() < PATIENCE, "{command:?} does not listen");
            assert_eq!(child.try_wait().unwrap(), None, "{command:?}");
            std::thread::yield_now();
        }
        Self {
            child,
            port,
            _scratch: scratch,
        }
    }

    fn ours(program: &[u8]) -> Self {
        let (scratch, port) = (Scratch::new(), free_port());
        let path = compiled(&scratch, "service", program);
        let mut command = Command::new(ENGINE);
        command.args(["run", "--env", "NAME=you", "--env", &format!("PORT={port}")]);
        command.arg(path).args(["--", "service"]);
        Self::start(command, port, scratch)
    }

    fn theirs(wasmtime: &Path, program: &[u8]) -> Self {
        let (scratch, port) = (Scratch::new(), free_port());
        let path = scratch.path("service.wasm");
        fs::write(&path, program).unwrap();
        let mut command = Command::new(wasmtime);
        command.args([
            "serve",
            "-S",
            "cli",
            "--env",
            "NAME=you",
            "--addr",
            &format!("127.0.0.1:{port}"),
        ]);
        command.arg(path);
        Self::start(command, port, scratch)
    }

    /// The answer but for its date, with its fields in order.
    fn ask(&self, request: &str) -> (Vec<String>, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let mut head: Vec<_> = head
            .lines()
            .filter(|l| !l.starts_with("date: "))
            .map(str::to_owned)
            .collect();
        head[1..].sort();
        (head, body.to_owned())
    }
}

#[test]
fn services_answer_alike() {
    let Some(wasmtime) = reference() else { return };
    let web = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/web/web.wasm")).unwrap();
    let rest = "HTTP/1.1\r\nHost: h\r\nConnection: close\r\n";
    let cases: &[(&[u8], &[String])] = &[
        (SERVICE, &[CHECKS.to_owned()]),
        (
            &web,
            &[
                format!("GET / {rest}\r\n"),
                format!("GET /none {rest}\r\n"),
                format!("POST /echo {rest}Content-Length: 5\r\n\r\nthere"),
            ],
        ),
    ];
    for (program, requests) in cases {
        let (ours, theirs) = (Server::ours(program), Server::theirs(&wasmtime, program));
        for request in *requests {
            let (answer, reference) = (ours.ask(request), theirs.ask(request));
            assert!(answer.0[0].starts_with("HTTP/1.1 "), "{answer:?}");
            assert_eq!(answer, reference, "{request}");
        }
    }
}
