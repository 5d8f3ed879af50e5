//! Containers with a network of their own, which somebody else configures between Create and Start.

use crate::common::{code_of, guest, until};
use crate::pod::{Pod, WEB, hello};
use krustlet_engine::ffi;
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use ttrpc::Code;

const ENDLESS: &str = "(loop (br 0))";

fn own(request: &mut wire::CreateRequest) {
    request.network_namespace.clear();
    request.new_network = true;
}

fn namespace_of(pid: u32) -> u64 {
    fs::metadata(format!("/proc/{pid}/ns/net")).unwrap().ino()
}

/// What `ip` says of a thread's network.
fn ip_of(pid: u32, args: &[&str]) -> String {
    let args: Vec<String> = args.iter().map(|a| (*a).to_owned()).collect();
    let inside = thread::spawn(move || {
        let path = format!("/proc/{pid}/ns/net");
        let network = ffi::fd::open(Path::new(&path), libc::O_RDONLY).unwrap();
        ffi::thread::enter_network(network.as_fd()).unwrap();
        let said = Command::new("ip").args(&args).output().unwrap();
        assert!(said.status.success(), "ip {args:?}: {said:?}");
        String::from_utf8(said.stdout).unwrap()
    });
    inside.join().unwrap()
}

#[tokio::test]
async fn each_has_another_one_with_nothing_but_a_loopback() {
    let Some(pod) = Pod::new().await else { return };
    let mut pids = vec![pod.serve.child.id(), std::process::id()];
    for id in ["one", "two"] {
        let mut request = pod.serve.request(guest("", ENDLESS));
        request.id = id.into();
        own(&mut request);
        pids.push(pod.serve.create(&request).await.unwrap());
    }
    let namespaces: Vec<u64> = pids.iter().map(|pid| namespace_of(*pid)).collect();
    assert_eq!(namespaces[0], namespaces[1], "the engine stays where it is");
    assert_ne!(namespaces[2], namespaces[3]);
    assert!(!namespaces[2..].contains(&namespaces[0]));
    let links = ip_of(pids[2], &["-o", "link"]);
    assert_eq!(links.lines().count(), 1, "{links}");
    assert!(links.contains("lo: <LOOPBACK> "), "{links}");
}

#[tokio::test]
async fn its_guests_fetch_through_what_was_put_into_it_and_it_goes_with_them() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(80, hello);
    let request = pod.fetching(&[&format!("http://{WEB}/own")], own);
    let pid = pod.serve.create(&request).await.unwrap();
    pod.ip(&[
        "link",
        "add",
        "own0",
        "type",
        "veth",
        "peer",
        "name",
        "eth0",
        "netns",
        &pid.to_string(),
    ]);
    pod.ip(&["address", "add", "10.78.0.1/24", "dev", "own0"]);
    pod.ip(&["link", "set", "own0", "up"]);
    ip_of(pid, &["address", "add", "10.78.0.2/24", "dev", "eth0"]);
    ip_of(pid, &["link", "set", "eth0", "up"]);
    ip_of(pid, &["route", "add", "default", "via", "10.78.0.1"]);
    pod.serve.start_guest(&request.id).await.unwrap();
    let exit = pod.serve.next_exit().await;
    let read = |path: &str| fs::read_to_string(path).unwrap();
    let (out, err) = (read(&request.stdio.stdout), read(&request.stdio.stderr));
    assert_eq!(
        (exit.exit_status, out.as_str()),
        (0, "200\nGET /own HTTP/1.1 for 10.77.0.1"),
        "{err}"
    );
    until("the namespace is gone, and the link's other end with it", || {
        !pod.has_link("own0")
    })
    .await;
}

#[tokio::test]
async fn who_joins_the_container_is_in_it() {
    let Some(pod) = Pod::new().await else { return };
    let mut first = pod.serve.request(guest("", ENDLESS));
    own(&mut first);
    let pid = pod.serve.launch(&first).await;
    let mut second = pod.serve.request(guest("", ENDLESS));
    second.id = "second".into();
    second.container = first.id.clone();
    let joined = pod.serve.create(&second).await.unwrap();
    assert_eq!(namespace_of(joined), namespace_of(pid));
    assert_ne!(namespace_of(joined), namespace_of(std::process::id()));
}

#[tokio::test]
async fn one_that_is_new_and_there_already_is_refused() {
    let Some(pod) = Pod::new().await else { return };
    let mut request = pod.serve.request(guest("", ENDLESS));
    pod.place(&mut request);
    request.new_network = true;
    let refusal = pod.serve.create(&request).await.unwrap_err();
    assert!(
        refusal.to_string().contains("a new network namespace has no path"),
        "{refusal}"
    );
    assert_eq!(code_of(refusal), Code::INVALID_ARGUMENT);
}
