//! `wasi:keyvalue` with a Redis behind it, and with what only claims to be one.

use crate::common::{ENGINE, Namespace, Scratch, compiled, is_root, until};
use crate::keyvalue::{Room, a_bucket_behaves, program};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// The server, which does what its name says: Debian's package without a service has it as `redis-check-rdb`.
fn server(scratch: &Scratch) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let find = |name: &str| std::env::split_paths(&path).map(|d| d.join(name)).find(|p| p.exists());
    find("redis-server").or_else(|| {
        let link = scratch.path("redis-server");
        symlink(find("redis-check-rdb")?, &link).unwrap();
        Some(link)
    })
}

fn inside(namespace: Option<&str>, program: &Path) -> Command {
    let Some(namespace) = namespace else {
        return Command::new(program);
    };
    let mut ip = Command::new("ip");
    ip.args(["netns", "exec", namespace]).arg(program);
    ip
}

/// A Redis server, in a network namespace or the test's own.
struct Redis {
    child: Child,
    port: u16,
    namespace: Option<String>,
    _scratch: Scratch,
}

impl Redis {
    /// None where there is no Redis to start.
    async fn start(namespace: Option<&str>, options: &[&str]) -> Option<Self> {
        // Free a moment ago; in a namespace of its own any is.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let scratch = Scratch::new();
        let Some(server) = server(&scratch) else {
            eprintln!("skipped: needs redis-server, or redis-check-rdb, which is the same program");
            return None;
        };
        let mut command = inside(namespace, &server);
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", ""]);
        command.arg("--dir").arg(&scratch.0).args(options);
        let child = command.stdout(Stdio::null()).spawn().unwrap();
        let redis = Self {
            child,
            port,
            namespace: namespace.map(str::to_owned),
            _scratch: scratch,
        };
        until("redis answers", || {
            redis.cli(&["ping"]).contains("PONG") || redis.cli(&["ping"]).contains("NOAUTH")
        })
        .await;
        Some(redis)
    }

    fn cli(&self, args: &[&str]) -> String {
        let mut command = inside(self.namespace.as_deref(), Path::new("redis-cli"));
        let output = command
            .args(["-p", &self.port.to_string()])
            .args(args)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    fn address(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A component on the network of the test.
struct Caller {
    program: PathBuf,
    _scratch: Scratch,
}

impl Caller {
    fn new() -> Self {
        let scratch = Scratch::new();
        let program = compiled(&scratch, "program", program());
        Self {
            program,
            _scratch: scratch,
        }
    }

    fn call(&self, address: &str, env: &[&str], function: &str, args: &[&str]) -> String {
        let mut command = Command::new(ENGINE);
        command.args(["run", "--keyvalue", address, "--entrypoint", function]);
        for variable in env {
            command.args(["--env", variable]);
        }
        let output = command
            .arg(&self.program)
            .args(["--", "guest"])
            .args(args)
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }
}

#[tokio::test]
async fn a_redis_in_the_network_of_the_pod_has_the_buckets() {
    if !is_root() {
        return;
    }
    let Some(namespace) = Namespace::new() else {
        eprintln!("skipped: cannot make a network namespace");
        return;
    };
    let up = Command::new("ip")
        .args(["-n", &namespace.0, "link", "set", "lo", "up"])
        .status();
    assert!(up.unwrap().success());
    let Some(redis) = Redis::start(Some(&namespace.0), &[]).await else {
        return;
    };
    let room = Room::new(|first| {
        first.network_namespace = format!("/run/netns/{}", namespace.0);
        first.interfaces.mut_or_insert_default().keyvalue_address = redis.address();
        let mut user = krustlet_engine::proto::engine::User::new();
        (user.uid, user.gid) = (1000, 1000);
        first.user = Some(user).into();
    })
    .await;
    a_bucket_behaves(&room).await;
    assert_eq!(redis.cli(&["get", "n:hits"]), "42");
    redis.cli(&["set", "n:hits", "99"]);
    assert_eq!(room.call("increment", &["n", "hits", "1"]).await, "ok(100)");
    assert_eq!(redis.cli(&["keys", "m:*"]), "m:žluť*");
}

#[tokio::test]
async fn all_keys_are_listed_page_by_page_and_no_others() {
    let Some(redis) = Redis::start(None, &[]).await else {
        return;
    };
    let caller = Caller::new();
    redis.cli(&[
        "eval",
        "for i=1,3000 do redis.call('set','b[1]:k'..i,i) redis.call('set','b1:'..i,i) end",
        "0",
    ]);
    let (mut cursor, mut keys, mut pages) = ("none".to_owned(), std::collections::BTreeSet::new(), 0);
    loop {
        let page = caller.call(&redis.address(), &[], "list", &["b[1]", &cursor]);
        keys.extend(
            page.split('"')
                .filter(|k| k.starts_with('k') || k.starts_with('b'))
                .map(str::to_owned),
        );
        pages += 1;
        match page.split("cursor: some(").nth(1) {
            Some(rest) => cursor = format!("some({})", rest.split(')').next().unwrap()),
            None => break,
        }
    }
    let expected = (1..=3000).map(|n| format!("k{n}")).collect();
    assert_eq!(keys, expected);
    assert!(pages > 1, "{pages}");
}

#[tokio::test]
async fn the_database_and_the_password_are_those_of_the_address_or_the_environment() {
    let Some(redis) = Redis::start(None, &["--requirepass", "geheim"]).await else {
        return;
    };
    let caller = Caller::new();
    let (at, denied) = (redis.port, "err(access-denied)");
    let bare = format!("redis://127.0.0.1:{at}/3");
    assert_eq!(caller.call(&bare, &[], "set", &["", "a", "[49]"]), denied);
    assert_eq!(
        caller.call(&bare, &["KRUSTLET_REDIS_PASSWORD=falsch"], "set", &["", "a", "[49]"]),
        denied
    );
    assert_eq!(
        caller.call(&bare, &["KRUSTLET_REDIS_PASSWORD=geheim"], "set", &["", "a", "[49]"]),
        "ok"
    );
    let named = format!("redis://default:geheim@127.0.0.1:{at}/3");
    assert_eq!(caller.call(&named, &[], "get", &["", "a"]), "ok(some([49]))");
    let first = format!("redis://:geheim@127.0.0.1:{at}");
    assert_eq!(caller.call(&first, &[], "exists", &["", "a"]), "ok(false)");
    let none = format!("redis://:geheim@127.0.0.1:{at}/99");
    let refused = caller.call(&none, &[], "get", &["", "a"]);
    assert!(
        refused.contains("redis at 127.0.0.1:") && refused.contains("out of range"),
        "{refused}"
    );
}

/// Answers each connection with `bytes`, whatever is asked, and holds it as long as the test.
fn pretender(bytes: &'static [u8], again: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut held: Vec<TcpStream> = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]);
            for _ in 0..again {
                if stream.write_all(bytes).is_err() {
                    break;
                }
            }
            held.push(stream);
        }
    });
    format!("redis://{address}")
}

#[test]
fn what_is_no_redis_is_an_error_of_the_call() {
    let caller = Caller::new();
    for (bytes, again, function, words) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], 1, "get", "no reply of Redis"),
        (b":1\r\n", 1, "get", "answers with a number"),
        (b"*2\r\n:1\r\n:2\r\n", 1, "list", "answers with a list"),
        (b"$99999999\r\n", 1, "get", "more than 8388608 bytes"),
        (b"aaaaaaaaaaaaaaaa", 4 << 20, "get", "more than 8388608 bytes"),
        (b":-5\r\n", 1, "increment", "the sum is negative"),
        (b"-MOVED 1 10.0.0.1:7000\r\n", 1, "get", "MOVED 1 10.0.0.1:7000"),
    ] {
        let args: &[&str] = match function {
            "get" => &["", "a"],
            "list" => &["", "none"],
            _ => &["", "a", "1"],
        };
        let answer = caller.call(&pretender(bytes, again), &[], function, args);
        assert!(
            answer.starts_with("err(other(\"") && answer.contains(words),
            "{words}: {answer}"
        );
    }
}

#[test]
fn a_call_has_a_deadline_and_a_closed_port_an_answer_at_once() {
    let caller = Caller::new();
    let begin = Instant::now();
    let silent = caller.call(&pretender(b"", 0), &[], "get", &["", "a"]);
    assert!(silent.contains("no answer within 5 s"), "{silent}");
    assert!(begin.elapsed().as_secs() < 60);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let closed = caller.call(&format!("redis://{free}"), &[], "get", &["", "a"]);
    assert!(closed.contains("refused"), "{closed}");
}
