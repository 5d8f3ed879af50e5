//! Ports below the pod's `net.ipv4.ip_unprivileged_port_start`: who may listen there.

use crate::common::{guest, until};
use crate::pod::{Ended, Pod};
use krustlet_engine::proto::engine as wire;
use std::fs;

/// What a refusal names.
const SETTING: &str = "net.ipv4.ip_unprivileged_port_start";
const CAPABILITY: &str = "CAP_NET_BIND_SERVICE";

fn example(name: &str) -> Vec<u8> {
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
    fs::read(format!("{examples}/{name}/{name}.wasm")).unwrap()
}

/// The ways to listen at port 80: a module's socket of the pod, a component's own, a service.
fn listening(pod: &Pod) -> [wire::CreateRequest; 3] {
    let mut module = pod.serve.request(guest("", "(loop (br 0))"));
    let network = module.policy.mut_or_insert_default().network.mut_or_insert_default();
    network.listen = vec!["0.0.0.0:80".to_owned()];
    let mut component = pod.serve.request(example("echo"));
    component.args = vec!["echo".to_owned(), "0.0.0.0:80".to_owned()];
    let mut service = pod.serve.request(example("web"));
    service.env = vec!["PORT=80".to_owned()];
    let mut requests = [module, component, service];
    requests.iter_mut().for_each(|request| pod.place(request));
    requests
}

fn as_user(request: &mut wire::CreateRequest, uid: u32, capabilities: &[&str]) {
    let user = request.user.mut_or_insert_default();
    user.uid = uid;
    user.capabilities = capabilities.iter().map(|c| (*c).to_owned()).collect();
}

/// Runs it until somebody can connect, and ends it.
async fn expect_listening(pod: &Pod, request: &wire::CreateRequest) {
    pod.serve.launch(request).await;
    until("it listens", || pod.connects(80)).await;
    assert_eq!(pod.serve.end(&request.id, 9).await.exit_status, 137);
    pod.serve.delete(&request.id).await.unwrap();
}

/// What a guest that may not listen leaves behind: the sentence of its refusal or its own words.
async fn refused(pod: &Pod, request: &wire::CreateRequest) -> String {
    match pod.serve.create(request).await {
        Err(refusal) => refusal.to_string(),
        Ok(_) => {
            pod.serve.start_guest(&request.id).await.unwrap();
            let exit = pod.serve.next_exit().await;
            assert_ne!(exit.exit_status, 0);
            let err = fs::read_to_string(&request.stdio.stderr).unwrap();
            assert!(!pod.connects(80));
            err
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_capability_of_the_spec_lets_them_listen() {
    let Some(pod) = Pod::new().await else { return };
    for mut request in listening(&pod) {
        as_user(&mut request, 0, &[CAPABILITY]);
        expect_listening(&pod, &request).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_it_nobody_may_and_the_refusal_names_the_setting() {
    let Some(pod) = Pod::new().await else { return };
    for uid in [0, 1000] {
        let [mut module, mut component, mut service] = listening(&pod);
        for request in [&mut module, &mut component, &mut service] {
            as_user(request, uid, &["CAP_CHOWN", "CAP_NET_RAW"]);
        }
        for request in [&module, &service] {
            let said = refused(&pod, request).await;
            assert!(said.contains("listen at 0.0.0.0:80: Permission denied"), "{said}");
            assert!(said.contains(SETTING) && said.contains(CAPABILITY), "{said}");
        }
        let Ended { status, err, .. } = pod.ended(&component).await;
        assert!(status == 1 && err.contains("listen at 0.0.0.0:80"), "{status} {err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setting_opens_them_to_everybody() {
    let Some(pod) = Pod::new().await else { return };
    pod.inside(|| fs::write("/proc/sys/net/ipv4/ip_unprivileged_port_start", "80").unwrap());
    for mut request in listening(&pod) {
        as_user(&mut request, 1000, &[]);
        expect_listening(&pod, &request).await;
    }
}
