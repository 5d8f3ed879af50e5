//! The command: what it finds, and what it prints.

use super::COMMAND;
use crate::common::{Namespace, Serve, display, is_root};
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::process::Command;

/// Whose the guest's root is, where the test may give it away.
const USER: u32 = 1000;

/// Lines of everything that needs no network.
pub async fn plain() -> Vec<String> {
    let serve = Serve::start().await;
    let mut request = serve.request(COMMAND);
    request.args = ["command", "plain", "two words", ""].map(str::to_owned).to_vec();
    request.env = vec!["NAME=a=b".into(), "EMPTY=".into()];
    let input = serve.scratch.path("input");
    fs::write(&input, "0123456789").unwrap();
    request.stdio.mut_or_insert_default().stdin = display(&input);
    if is_root() {
        std::os::unix::fs::chown(serve.scratch.path("root"), Some(USER), Some(USER)).unwrap();
        let user = request.user.mut_or_insert_default();
        (user.uid, user.gid) = (USER, USER);
    }
    let (mut lines, errors) = output(&serve, request).await;
    assert_eq!(errors, "on stderr\n");
    lines.retain(|line| line != "on stdout");
    lines
}

/// Lines about sockets, if the test may make networks.
pub async fn sockets() -> Option<Vec<String>> {
    let namespace = is_root().then(Namespace::new).flatten()?;
    let up = ["netns", "exec", &namespace.0, "ip", "link", "set", "lo", "up"];
    assert!(Command::new("ip").args(up).status().unwrap().success());
    let serve = Serve::start().await;
    let mut request = serve.request(COMMAND);
    request.args = vec!["command".into(), "sockets".into()];
    request.network_namespace = format!("/run/netns/{}", namespace.0);
    let (lines, errors) = output(&serve, request).await;
    assert_eq!(errors, "");
    Some(lines)
}

async fn output(serve: &Serve, mut request: wire::CreateRequest) -> (Vec<String>, String) {
    let (out, err) = serve.with_files(&mut request);
    let exit = serve.finish(&request).await;
    let (out, err) = (fs::read_to_string(out).unwrap(), fs::read_to_string(err).unwrap());
    assert_eq!(exit.exit_status, 0, "{} {out} {err}", exit.cause);
    (out.lines().map(str::to_owned).collect(), err)
}
