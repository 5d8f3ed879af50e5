//! WASI 0.3, in engines that are switched to it: commands, services, their bounds, and what is refused without the
//! switch.

mod commands;
#[path = "../common/mod.rs"]
mod common;
#[allow(dead_code, reason = "of others too")]
#[path = "../network/dns.rs"]
mod dns;
mod ends;
mod networks;
#[allow(dead_code, reason = "of others too")]
#[path = "../network/pod.rs"]
mod pod;
mod refusals;
#[allow(dead_code, reason = "of others too")]
#[path = "../http/service.rs"]
mod service;
mod services;

use common::Serve;
use krustlet_engine::proto::engine as wire;
use std::path::PathBuf;

/// As `guests/build.sh` makes them.
const COMMAND: &[u8] = include_bytes!("../guests/command3/command3.wasm");
const SERVICE: &[u8] = include_bytes!("../guests/service3/service3.wasm");

/// The switch.
const WASI3: &[&str] = &["--wasi3"];

/// A command with its arguments, and the files for what it writes.
fn command(serve: &Serve, arguments: &[&str]) -> (wire::CreateRequest, PathBuf, PathBuf) {
    let mut request = serve.request(COMMAND);
    request.args = ["command"].iter().chain(arguments).map(|a| (*a).to_owned()).collect();
    let (out, err) = serve.with_files(&mut request);
    (request, out, err)
}

/// What a command ends with, what it says, and what it complains of.
async fn ran(serve: &Serve, arguments: &[&str]) -> (u32, String, String) {
    let (request, out, err) = command(serve, arguments);
    let status = serve.finish(&request).await.exit_status;
    let text = |path| std::fs::read_to_string(path).unwrap();
    (status, text(out), text(err))
}
