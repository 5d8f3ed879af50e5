//! Names, requests and sockets: those of the pod, as far as its policy goes.

use crate::common::{Serve, until};
use crate::pod::{OTHER, Pod, WEB, head, only};
use crate::{COMMAND, WASI3, ran};
use krustlet_engine::proto::engine as wire;
use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, TcpStream, UdpSocket};
use std::thread;

async fn pod() -> Option<Pod> {
    Pod::of(Serve::switched(WASI3).await)
}

async fn run(pod: &Pod, arguments: &[&str], change: impl FnOnce(&mut wire::CreateRequest)) -> (String, String) {
    let mut request = pod.serve.request(COMMAND);
    request.args = ["command"].iter().chain(arguments).map(|a| (*a).to_owned()).collect();
    pod.place(&mut request);
    change(&mut request);
    let ended = pod.ended(&request).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    (ended.out, ended.err)
}

/// Answers with the content of the request, which is of a known length or in chunks.
fn question(stream: TcpStream) {
    let mut stream = BufReader::new(stream);
    let head = head(&mut stream);
    let mut content = Vec::new();
    while !content.ends_with(b"0\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        content.push(byte[0]);
    }
    let text = format!(
        "{} {}",
        head.lines().next().unwrap(),
        String::from_utf8_lossy(&content).contains("question")
    );
    write!(
        stream.get_mut(),
        "HTTP/1.1 203 OK\r\ncontent-length: {}\r\n\r\n{text}",
        text.len()
    )
    .unwrap();
}

#[tokio::test]
async fn requests_go_where_the_policy_lets_them() {
    let Some(pod) = pod().await else { return };
    pod.answer(80, question);
    let (out, err) = run(&pod, &["fetch", "web.test", "/path"], |_| {}).await;
    assert_eq!(out, "203 POST /path HTTP/1.1 true\n", "{err}");
    let (out, _) = run(&pod, &["fetch", "web.test", "/path"], only(&["web.test:80"])).await;
    assert_eq!(out, "203 POST /path HTTP/1.1 true\n");
    for rule in ["other.test:80", "web.test:81", "10.77.0.2/32:80"] {
        let (out, err) = run(&pod, &["fetch", WEB, "/"], only(&[rule])).await;
        assert_eq!(
            (out.as_str(), err.contains("HttpRequestDenied")),
            ("", true),
            "{rule}: {err}"
        );
    }
}

#[tokio::test]
async fn names_are_those_of_the_pod_and_of_the_policy() {
    let Some(pod) = pod().await else { return };
    assert_eq!(run(&pod, &["resolve", "web.test"], |_| {}).await.0, format!("{WEB}\n"));
    assert_eq!(run(&pod, &["resolve", "10.9.8.7"], |_| {}).await.0, "10.9.8.7\n");
    let unknown = run(&pod, &["resolve", "none.test"], |_| {}).await.1;
    assert!(unknown.contains("NameUnresolvable"), "{unknown}");
    let invalid = run(&pod, &["resolve", "not a name"], |_| {}).await.1;
    assert!(invalid.contains("InvalidArgument"), "{invalid}");
    pod.zone.set("secret.test", OTHER);
    let denied = run(&pod, &["resolve", "secret.test"], only(&["web.test:80"])).await.1;
    assert!(denied.contains("AccessDenied"), "{denied}");
    assert!(
        !pod.zone.was_asked("secret.test"),
        "a name server heard of a name without a rule"
    );
}

#[tokio::test]
async fn sockets_connect_and_send_where_the_policy_lets_them() {
    let Some(pod) = pod().await else { return };
    pod.answer(7, |mut stream| {
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        stream.write_all(said.to_uppercase().as_bytes()).unwrap();
    });
    let to = format!("{WEB}:7");
    assert_eq!(
        run(&pod, &["connect", &to, "hello"], only(&["10.77.0.1:7"])).await.0,
        "HELLO"
    );
    let (out, err) = run(&pod, &["connect", &to, "hello"], only(&["10.77.0.1:8"])).await;
    assert_eq!((out.as_str(), err.contains("AccessDenied")), ("", true), "{err}");

    let socket = pod.inside(|| UdpSocket::bind((WEB, 9)).unwrap());
    let to = format!("{WEB}:9");
    let (_, err) = run(&pod, &["send", &to, "no"], only(&["10.77.0.1:7"])).await;
    assert!(err.contains("AccessDenied"), "{err}");
    assert_eq!(
        run(&pod, &["send", &to, "yes"], only(&["10.77.0.1:9"])).await.0,
        "sent\n"
    );
    let mut heard = [0; 9];
    let (n, _) = socket.recv_from(&mut heard).unwrap();
    assert_eq!(&heard[..n], b"yes");
}

#[tokio::test]
async fn sockets_listen_where_the_policy_lets_them() {
    let Some(pod) = pod().await else { return };
    let inbound = |ports: &str| {
        let ports = vec![ports.to_owned()];
        move |request: &mut wire::CreateRequest| {
            let network = request.policy.mut_or_insert_default().network.mut_or_insert_default();
            (network.inbound_restricted, network.inbound) = (true, ports);
        }
    };
    let (_, err) = run(&pod, &["listen", "9090"], inbound("80")).await;
    assert!(err.contains("AccessDenied"), "{err}");
    let mut request = pod.serve.request(COMMAND);
    request.args = ["command", "listen", "9090"].map(str::to_owned).to_vec();
    pod.place(&mut request);
    inbound("9090")(&mut request);
    pod.serve.launch(&request).await;
    let out = request.stdio.stdout.clone();
    until("it listens", || {
        std::fs::read_to_string(&out).is_ok_and(|t| t == "listening\n")
    })
    .await;
    let mut stream = pod.inside(|| TcpStream::connect("127.0.0.1:9090").unwrap());
    let talking = thread::spawn(move || {
        stream.write_all(b"echo").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut heard = String::new();
        stream.read_to_string(&mut heard).unwrap();
        heard
    });
    assert_eq!(pod.serve.next_exit().await.exit_status, 0);
    assert_eq!(talking.join().unwrap(), "echo");
}

#[tokio::test]
async fn without_a_network_of_its_own_it_has_none() {
    let serve = Serve::switched(WASI3).await;
    for (arguments, why) in [
        (&["resolve", "localhost"][..], "AccessDenied"),
        (&["fetch", "127.0.0.1", "/"], "HttpRequestDenied"),
        (&["connect", "127.0.0.1:1", "x"], "AccessDenied"),
        (&["listen", "9090"], "AccessDenied"),
        (&["send", "127.0.0.1:1", "x"], "AccessDenied"),
    ] {
        let (status, out, err) = ran(&serve, arguments).await;
        assert_eq!(
            (status, out.as_str(), err.contains(why)),
            (0, "", true),
            "{arguments:?}: {err}"
        );
    }
}
