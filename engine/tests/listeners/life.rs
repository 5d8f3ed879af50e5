//! How sockets come to a guest, what ends it while it waits for them, and how many it may have.

use crate::common::{ENGINE, Serve, code_of, compiled, display, guest};
use crate::yard::errno::MFILE;
use crate::yard::{ADDRESS, RESULT, SIZE, Steps, Yard};
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use ttrpc::Code;

/// Prints its environment.
const ENVIRONMENT: &str = "(drop (call $environ_sizes_get (i32.const 0) (i32.const 4)))
    (drop (call $environ_get (i32.const 16) (i32.const 1024)))
    (call $put (i32.const 1) (i32.const 1024) (i32.load (i32.const 4)))";

/// Says a letter on standard output, waits for somebody, says it to them, and so on.
fn greeter() -> String {
    Steps::default()
        .say("1", 0, 1)
        .accept(3, "$a")
        .say("$a", 0, 1)
        .call("fd_close", "$a", 0)
        .again()
        .module("h")
}

#[tokio::test]
async fn the_environment_tells_of_the_sockets() {
    let Some(yard) = Yard::open().await else { return };
    let mut request = yard.request(guest("", ENVIRONMENT), &[ADDRESS, "[::1]:7001"]);
    request.env = vec!["A=b".into()];
    let (out, _) = yard.serve.with_files(&mut request);
    yard.pass(&request).await;
    assert_eq!(
        fs::read_to_string(&out).unwrap(),
        "A=b\0LISTEN_FDS=2\0LISTEN_FDNAMES=7000:7001\0"
    );
    let mut request = yard.request(guest("", ENVIRONMENT), &[ADDRESS]);
    request.env = vec!["LISTEN_FDNAMES=web".into()];
    let (out, _) = yard.serve.with_files(&mut request);
    yard.pass(&request).await;
    assert_eq!(fs::read_to_string(&out).unwrap(), "LISTEN_FDNAMES=web\0LISTEN_FDS=1\0");
}

#[tokio::test]
async fn what_cannot_be_had_is_refused_and_nothing_is_left() {
    let Some(yard) = Yard::open().await else { return };
    let nothing = guest("", "");
    let component = crate::common::componentized(&wat::parse_str(&nothing).unwrap());
    let mut host = yard.request(&nothing, &[ADDRESS]);
    host.network_namespace.clear();
    let mut restricted = yard.request(&nothing, &[ADDRESS]);
    let network = restricted
        .policy
        .mut_or_insert_default()
        .network
        .mut_or_insert_default();
    network.inbound_restricted = true;
    for (request, cause) in [
        (
            host,
            "listen at 127.0.0.1:7000: a container without a network of its own (hostNetwork)",
        ),
        (restricted, "listen at 127.0.0.1:7000: no inbound rule has port 7000"),
        (
            yard.request(&nothing, &[ADDRESS, "web:80"]),
            "listen at web:80: not ADDRESS:PORT",
        ),
        (
            yard.request(&nothing, &[ADDRESS, "192.0.2.1:1"]),
            "listen at 192.0.2.1:1: Cannot assign",
        ),
        (
            yard.request(&nothing, &[ADDRESS, ADDRESS]),
            "listen at 127.0.0.1:7000: Address already in use",
        ),
        (
            yard.request(&component, &[ADDRESS]),
            "listen: the program is a component",
        ),
    ] {
        let error = yard.serve.create(&request).await.unwrap_err();
        assert!(error.to_string().contains(cause), "{error}");
        assert_eq!(code_of(error), Code::INVALID_ARGUMENT);
        assert!(yard.try_connect(ADDRESS).is_err());
    }
    yard.pass(&yard.request(&nothing, &[ADDRESS])).await;
    assert!(yard.try_connect(ADDRESS).is_err());
}

#[tokio::test]
async fn an_exec_has_no_sockets() {
    let Some(yard) = Yard::open().await else { return };
    let first = yard.request(greeter(), &[ADDRESS]);
    yard.serve.launch(&first).await;
    let mut exec = yard.request(guest("", ENVIRONMENT), &[ADDRESS]);
    exec.container = first.id.clone();
    let (out, _) = yard.serve.with_files(&mut exec);
    yard.pass(&exec).await;
    assert_eq!(fs::read_to_string(out).unwrap(), "");
    assert_eq!(yard.serve.end(&first.id, 9).await.exit_status, 137);
}

/// Starts a greeter and waits until it is about to wait.
async fn waiting(yard: &Yard) -> wire::CreateRequest {
    let mut request = yard.request(greeter(), &[ADDRESS]);
    let (out, _) = yard.serve.with_files(&mut request);
    yard.serve.launch(&request).await;
    crate::common::until("the guest waits", || fs::read(&out).is_ok_and(|bytes| bytes == b"h")).await;
    request
}

#[tokio::test]
async fn a_signal_ends_it_while_it_waits() {
    let Some(yard) = Yard::open().await else { return };
    for (signal, status) in [(9, 137), (15, 143)] {
        let request = waiting(&yard).await;
        let exit = yard.serve.end(&request.id, signal).await;
        assert_eq!((exit.exit_status, exit.cause.as_str()), (status, ""));
        assert!(yard.try_connect(ADDRESS).is_err());
    }
}

#[tokio::test]
async fn a_pause_holds_it_while_it_waits() {
    let Some(yard) = Yard::open().await else { return };
    let request = waiting(&yard).await;
    yard.serve.pause(&request.id).await;
    // The kernel takes the connection; the guest does not know of it.
    let mut client = yard.connect();
    yard.serve.assert_rests(&request.id).await;
    client.set_nonblocking(true).unwrap();
    let mut letter = [0];
    assert!(client.read(&mut letter).is_err());
    client.set_nonblocking(false).unwrap();
    yard.serve.resume(&request.id).await;
    client.read_exact(&mut letter).unwrap();
    assert_eq!(&letter, b"h");
    yard.serve.end(&request.id, 9).await;
}

#[tokio::test]
async fn a_write_that_nobody_reads_waits_and_can_be_ended() {
    let Some(yard) = Yard::open().await else { return };
    let mut steps = Steps::default().accept(3, "$a");
    for _ in 0..600 {
        steps = steps
            .buffers(&[(0, 65536)])
            .call("fd_write", &format!("$a 64 1 {SIZE}"), 0)
            .say("1", 0, 1);
    }
    let mut request = yard.request(steps.module("."), &[ADDRESS]);
    let (out, _) = yard.serve.with_files(&mut request);
    yard.serve.create(&request).await.unwrap();
    let mut client = yard.connect();
    yard.serve.start_guest(&request.id).await.unwrap();
    let written = || fs::metadata(&out).map_or(0, |about| about.len());
    // Nothing tells that it waits but that it uses no time.
    crate::common::until("the first write", || written() > 0).await;
    let mut before = 0;
    while before != written() {
        before = written();
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!((1..600).contains(&before), "{before} writes");
    yard.serve.assert_rests(&request.id).await;
    // Once somebody reads, it goes on.
    let mut bytes = vec![0; 1 << 20];
    while written() == before {
        assert!(client.read(&mut bytes).unwrap() > 0);
    }
    assert_eq!(yard.serve.end(&request.id, 15).await.exit_status, 143);
}

#[tokio::test]
async fn sockets_count_among_what_a_guest_may_hold() {
    let Some(yard) = Yard::open().await else { return };
    let accept = format!("(call $sock_accept (i32.const 3) (i32.const 0) (i32.const {RESULT}))");
    // As many as there is room for; then one goes, one comes, and it has the other's number.
    let text = Steps::default()
        .text(&format!(
            "(loop $more (global.set $a {accept}) (br_if $more (i32.eqz (global.get $a))))"
        ))
        .text(&format!(
            "(call $expect (global.get $a) (i32.const {MFILE}) (i32.const 100))"
        ))
        .call("fd_close", "65540", 0)
        .call("sock_accept", &format!("3 0 {RESULT}"), 0)
        .finds("i32.load", RESULT, 65540)
        .call("sock_accept", &format!("3 0 {RESULT}"), MFILE)
        .module("");
    let request = yard.request(text, &[ADDRESS]);
    yard.serve.create(&request).await.unwrap();
    let most = krustlet_engine::account::limits::max_handles(krustlet_engine::ffi::limits::descriptors());
    let connect = |_| yard.try_connect(ADDRESS).ok();
    yard.serve.start_guest(&request.id).await.unwrap();
    let _clients: Vec<_> = (0..most + 10).map_while(connect).collect();
    let exit = yard.serve.next_exit().await;
    assert_eq!(exit.exit_status, 0, "{exit:?}");
}

#[test]
fn run_listens_for_a_developer() {
    let scratch = crate::common::Scratch::new();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/file-server/file-server.wasm");
    let program = compiled(&scratch, "server", fs::read(example).unwrap());
    fs::write(scratch.path("root/a"), "here").unwrap();
    let run = |listen: &[&str]| {
        let mut command = Command::new(ENGINE);
        command.args(["run", "--dir", &format!("{}:/srv:ro", display(&scratch.path("root")))]);
        for address in listen {
            command.args(["--listen", address]);
        }
        command.arg(&program).args(["--", "file-server"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut child = run(&["127.0.0.1:0"]);
    let mut line = String::new();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    let port = line.trim_end().strip_prefix("serving /srv at port ").unwrap();
    let mut client = std::net::TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    std::io::Write::write_all(&mut client, b"GET /a HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("\r\n\r\nhere"), "{answer}");
    child.kill().unwrap();
    child.wait().unwrap();
    let refused = run(&["nowhere"]).wait_with_output().unwrap();
    let text = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(
        (refused.status.code(), text.as_str()),
        (
            Some(65),
            "krustlet-engine: listen at nowhere: not ADDRESS:PORT with an IP address\n"
        )
    );
    let without = run(&[]).wait_with_output().unwrap();
    assert_eq!(without.status.code(), Some(1));
}

#[tokio::test]
async fn without_sockets_nothing_is_told() {
    let serve = Serve::start().await;
    let mut request = serve.request(guest("", ENVIRONMENT));
    let (out, _) = serve.with_files(&mut request);
    assert_eq!(serve.finish(&request).await.exit_status, 0);
    assert_eq!(fs::read_to_string(out).unwrap(), "");
}
