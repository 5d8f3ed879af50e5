//! What a pod's policy lets its guests reach, and where it lets them listen.

use crate::common::{code_of, until};
use crate::pod::{OTHER, Pod, WEB, hello, only};
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use ttrpc::Code;

const DENIED: &str = "HttpRequestDenied";
const REFUSED: &str = "ermission denied";

fn greet(mut stream: TcpStream) {
    stream.write_all(b"hello").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_reached_by_their_rules_and_others_not_even_looked_up() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(8000, hello);
    pod.answer(8001, greet);
    pod.zone.set("a.other.test", WEB);
    let rules = ["web.test:8000-8001", "*.other.test:8001"];
    let http = |url: &'static str| pod.fetch_only(&rules, url);
    assert_eq!(http("http://web.test:8000/").await.status, 0);
    http("http://web.test:8009/").await.assert_failed(DENIED);
    http("http://a.other.test:8000/").await.assert_failed(DENIED);
    pod.fetch_only(&rules, "tcp://web.test:8001")
        .await
        .assert_fetched("hello");
    pod.fetch_only(&rules, "tcp://a.other.test:8001")
        .await
        .assert_fetched("hello");
    pod.fetch_only(&rules, "tcp://a.other.test:8000")
        .await
        .assert_failed(REFUSED);
    http("http://secrets.exfiltrated.test/").await.assert_failed(DENIED);
    assert_eq!(http("tcp://secrets.exfiltrated.test:8001").await.status, 1);
    assert!(!pod.zone.was_asked("secrets.exfiltrated.test"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_reached_by_a_rule_or_by_the_answer_for_a_name() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(8000, hello);
    pod.answer(8001, greet);
    let web = format!("tcp://{WEB}:8001");
    pod.fetch_only(&["web.test"], &web).await.assert_failed(REFUSED);
    pod.fetch_only(&["10.77.0.0/31:8001"], &web)
        .await
        .assert_fetched("hello");
    pod.fetch_only(&["10.77.0.0/31"], &format!("tcp://{OTHER}:8001"))
        .await
        .assert_failed(REFUSED);
    let http = format!("http://{WEB}:8000/");
    pod.fetch_only(&["web.test"], &http).await.assert_failed(DENIED);
    assert_eq!(pod.fetch_only(&[WEB], &http).await.status, 0);
    for loopback in [
        "http://127.0.0.1:8000/",
        "http://[::ffff:127.0.0.1]:8000/",
        "http://localhost:8000/",
    ] {
        pod.fetch_only(&[WEB], loopback).await.assert_failed(DENIED);
    }
    assert_eq!(pod.fetch_only(&["localhost"], "http://localhost:8000/").await.status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_reach_all_addresses_may_use_all_names() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(8000, hello);
    pod.answer(8001, greet);
    let rules = ["0.0.0.0/0:8000-8001"];
    assert_eq!(pod.fetch_only(&rules, "http://web.test:8000/").await.status, 0);
    pod.fetch_only(&rules, "tcp://web.test:8001")
        .await
        .assert_fetched("hello");
    pod.fetch_only(&rules, "http://web.test:8002/")
        .await
        .assert_failed(DENIED);
    pod.zone.set("six.test", "fd00::1");
    pod.fetch_only(&rules, "http://six.test:8000/")
        .await
        .assert_failed("DestinationIpProhibited");
    pod.fetch_only(&rules, "tcp://six.test:8001")
        .await
        .assert_failed(REFUSED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_is_held_to_the_rules_too() {
    let Some(pod) = Pod::new().await else { return };
    let mut request = pod.fetching(&["http://web.test/"], only(&["10.77.0.1:6379"]));
    let interfaces = request.interfaces.mut_or_insert_default();
    interfaces.keyvalue_address = "redis://10.77.0.2".to_owned();
    let refused = pod.serve.create(&request).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("key-value store: no outbound rule has 10.77.0.2:6379"),
        "{refused}"
    );
    request.interfaces.mut_or_insert_default().keyvalue_address = "redis://10.77.0.1".to_owned();
    assert!(pod.serve.create(&request).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_server_cannot_open_the_machine_itself() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(8000, hello);
    pod.answer(8001, greet);
    for address in ["127.0.0.1", "169.254.169.254"] {
        pod.zone.set("web.test", address);
        let http = pod.fetch_only(&["web.test"], "http://web.test:8000/").await;
        http.assert_failed("DestinationIpProhibited");
        pod.fetch_only(&["web.test"], "tcp://web.test:8001")
            .await
            .assert_failed(REFUSED);
    }
    pod.zone.set("web.test", "127.0.0.1");
    let rules = ["web.test", "127.0.0.1:8000"];
    assert_eq!(pod.fetch_only(&rules, "http://web.test:8000/").await.status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_cannot_give_an_allowed_name_another_address() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(8001, greet);
    let _listener = pod.listen(8002);
    let waiting = pod.fetching(&["tcp://web.test:8002"], only(&["web.test"]));
    pod.serve.launch(&waiting).await;
    until("the guest has looked up the name", || pod.zone.was_asked("web.test")).await;
    pod.write("etc/hosts", "127.0.0.1 web.test\n");
    pod.write("etc/resolv.conf", "nameserver 127.0.0.99\n");
    let join = |request: &mut wire::CreateRequest| request.container = waiting.id.clone();
    let exec = pod.fetching(&["tcp://web.test:8001"], join);
    pod.ended(&exec).await.assert_fetched("hello");
    let loopback = pod.fetching(&["tcp://127.0.0.1:8001"], join);
    pod.ended(&loopback).await.assert_failed(REFUSED);
    // What was answered to one guest of a container is good for all.
    let known = pod.fetching(&[&format!("tcp://{WEB}:8001")], join);
    pod.ended(&known).await.assert_fetched("hello");
    assert_eq!(pod.serve.end(&waiting.id, 9).await.exit_status, 137);
}

fn inbound(request: &mut wire::CreateRequest, ports: &[&str]) {
    let network = request.policy.mut_or_insert_default().network.mut_or_insert_default();
    network.inbound_restricted = true;
    network.inbound = ports.iter().map(|p| (*p).to_owned()).collect();
}

fn example(name: &str) -> Vec<u8> {
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
    fs::read(format!("{examples}/{name}/{name}.wasm")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_listens_at_ports_of_inbound_rules_only() {
    let Some(pod) = Pod::new().await else { return };
    let mut refused = pod.serve.request(example("echo"));
    pod.place(&mut refused);
    inbound(&mut refused, &["80", "8000-9000"]);
    pod.ended(&refused).await.assert_failed("listen at 0.0.0.0:7777");
    let mut allowed = pod.serve.request(example("echo"));
    pod.place(&mut allowed);
    inbound(&mut allowed, &["80", "7000-8000"]);
    pod.serve.launch(&allowed).await;
    let out = allowed.stdio.stdout.clone();
    until("it listens", || {
        fs::read_to_string(&out).is_ok_and(|t| t.contains("listening"))
    })
    .await;
    assert_eq!(pod.serve.end(&allowed.id, 9).await.exit_status, 137);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_at_another_port_is_refused_before_it_starts() {
    let Some(pod) = Pod::new().await else { return };
    let mut request = pod.serve.request(example("web"));
    pod.place(&mut request);
    inbound(&mut request, &["8081"]);
    let refused = pod.serve.create(&request).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("serve HTTP: no inbound rule has port 8080"),
        "{refused}"
    );
    request.env = vec!["PORT=8081".to_owned()];
    pod.serve.launch(&request).await;
    assert_eq!(pod.serve.end(&request.id, 9).await.exit_status, 137);
}

#[tokio::test]
async fn what_is_no_rule_is_refused_with_its_text() {
    let serve = crate::common::Serve::start().await;
    let mut request = serve.request(crate::common::guest("", ""));
    let network = request.policy.mut_or_insert_default().network.mut_or_insert_default();
    network.outbound = vec!["https://example.com".to_owned()];
    let refused = serve.create(&request).await.unwrap_err();
    assert!(
        refused.to_string().contains("outbound rule 'https://example.com': "),
        "{refused}"
    );
    assert_eq!(code_of(refused), Code::INVALID_ARGUMENT);
}
