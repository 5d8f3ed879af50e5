//! Names: the container's files say what they are, and nobody else does.

use crate::pod::{DNS, OTHER, Pod, WEB, hello};
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::{fs, thread};

fn greet(mut stream: TcpStream) {
    stream.write_all(b"hello").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_of_the_containers_resolv_conf_are_asked() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(8000, hello);
    pod.answer(8001, greet);
    let fetched = pod.fetch(&["http://web.test:8000/a?b=c"]).await;
    fetched.assert_fetched("200\nGET /a?b=c HTTP/1.1 for web.test:8000");
    pod.fetch(&["tcp://web.test:8001"]).await.assert_fetched("hello");
    let missing = pod.fetch(&["http://missing.test:8000/"]).await;
    missing.assert_failed("DnsError");
    missing.assert_failed("NXDOMAIN");
    pod.fetch(&["tcp://missing.test:8001"])
        .await
        .assert_failed("fetch tcp://missing.test:8001: ");
    assert!(pod.zone.was_asked("missing.test.svc.test") || pod.zone.was_asked("missing.test"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_search_list_is_tried_before_a_short_name_and_after_a_long_one() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(8001, greet);
    pod.zone.set("db.svc.test", WEB);
    pod.fetch(&["tcp://db:8001"]).await.assert_fetched("hello");
    assert!(!pod.zone.was_asked("db"));
    pod.write(
        "etc/resolv.conf",
        &format!("search svc.test\nnameserver {DNS}\noptions ndots:5\n"),
    );
    pod.fetch(&["tcp://web.test:8001"]).await.assert_fetched("hello");
    assert!(pod.zone.was_asked("web.test.svc.test"));
    pod.fetch(&["http://db.:8001/"]).await.assert_failed("NXDOMAIN");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_file_comes_first_and_is_read_again_when_it_changed() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(8001, greet);
    pod.zone.set("db.test", "10.77.9.9");
    pod.write("etc/hosts", &format!("{OTHER} db.test\n"));
    let waiting = pod.fetching(&["tcp://127.0.0.1:8002"], |_| {});
    let _listener = pod.listen(8002);
    pod.serve.launch(&waiting).await;
    let exec = || {
        pod.fetching(&["tcp://db.test:8001"], |request| {
            request.container = waiting.id.clone()
        })
    };
    pod.ended(&exec()).await.assert_fetched("hello");
    assert!(!pod.zone.was_asked("db.test"));
    pod.write("etc/hosts", "# nobody\n");
    pod.zone.set("db.test", WEB);
    pod.ended(&exec()).await.assert_fetched("hello");
    assert!(pod.zone.was_asked("db.test"));
    assert_eq!(pod.serve.end(&waiting.id, 9).await.exit_status, 137);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_are_those_of_the_root_and_read_as_the_containers_user() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(8001, greet);
    let root = pod.serve.scratch.path("root");
    fs::write(root.join("hosts"), format!("{WEB} inside\n")).unwrap();
    symlink("/../../hosts", root.join("etc/hosts")).unwrap();
    pod.fetch(&["tcp://inside:8001"]).await.assert_fetched("hello");
    fs::set_permissions(root.join("hosts"), fs::Permissions::from_mode(0o600)).unwrap();
    pod.fetch(&["http://inside:8001/"]).await.assert_failed("DnsError");
    fs::remove_file(root.join("etc/hosts")).unwrap();
    crate::common::mkfifo(&root.join("etc/hosts"));
    pod.fetch(&["http://web.test:8001/"]).await.assert_failed("DnsError");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_servers_names_are_errors_and_addresses_are_not() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(8001, greet);
    fs::remove_file(pod.serve.scratch.path("root/etc/resolv.conf")).unwrap();
    pod.fetch(&["http://web.test:8001/"]).await.assert_failed("DnsError");
    pod.fetch(&["tcp://localhost:8001"]).await.assert_fetched("hello");
    pod.fetch(&["tcp://127.0.0.1:8001"]).await.assert_fetched("hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_silent_costs_the_guest_its_time_and_nothing_else() {
    let Some(pod) = Pod::new().await else { return };
    let silent = pod.inside(|| std::net::UdpSocket::bind("127.0.0.54:53").unwrap());
    pod.write(
        "etc/resolv.conf",
        "nameserver 127.0.0.54\noptions timeout:1 attempts:1\n",
    );
    pod.fetch(&["http://web.test/"]).await.assert_failed("DnsTimeout");
    let asking = pod.fetching(&["tcp://late.test:1"], |_| {});
    pod.serve.launch(&asking).await;
    let heard = thread::spawn(move || {
        let mut query = [0; 512];
        while !query.windows(4).any(|w| w == b"late") {
            silent.recv_from(&mut query).unwrap();
        }
    });
    heard.join().unwrap();
    pod.serve.pause(&asking.id).await;
    pod.serve.resume(&asking.id).await;
    assert_eq!(pod.serve.end(&asking.id, 9).await.exit_status, 137);
}
