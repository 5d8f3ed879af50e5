//! What a guest gets, as its request and its container have it.

use super::Guest;
use super::container::ContainerFiles;
use super::host::Host;
use super::identity::Identity;
use crate::account::limits::max_handles;
use crate::account::policy::GuestPolicy;
use crate::ffi;
use crate::http::address::ListenAddress;
use crate::network::trust::Trust;
use crate::proto::engine::CreateRequest;
use crate::refusal::{Answer, Naming, Refusal};
use crate::stdio::{HeldStdin, Streams};
use crate::template::{Template, Threads};
use crate::wasi::filesystem::mappings::{Mapping, preopens};
use crate::wasi::interfaces::Interfaces;
use crate::wasi::outgoing::Outgoing;
use crate::wasi::preview1::sockets::{Socket, listen};
use std::sync::Arc;
use wasmtime_wasi::FsPerms;

/// Opens the container's root and network, or finds them open, and enters the network.
///
/// # Errors
/// When they are not there, or the container has ended.
pub fn enter(guest: &Guest, request: &CreateRequest) -> Answer<Arc<ContainerFiles>> {
    let files = if guest.is_first() {
        let files = Arc::new(ContainerFiles::open(request)?);
        guest.container.settle(files.clone());
        files
    } else {
        guest.container.files()?
    };
    if let Some(network) = files.namespace() {
        let path = &request.network_namespace;
        ffi::thread::enter_network(network).refusing(format_args!("enter network namespace {path}"))?;
    }
    Ok(files)
}

/// What the guest's stores are made from, on its own thread, which is in the container's network. Needs a tokio runtime.
///
/// # Errors
/// When anything that the request names cannot be had, or may not be.
pub fn template(
    guest: &Guest,
    request: &CreateRequest,
    files: &ContainerFiles,
    host: &Host,
    threads: Arc<dyn Threads>,
) -> Answer<(Template, Option<HeldStdin>)> {
    let root = vec![Mapping::of(files.root()?, "/", FsPerms::ReadWrite)];
    let (streams, held_stdin) = Streams::open(&request.stdio)?;
    let listeners = listeners(guest, request, files)?;
    let (memory, log) = (&guest.container.buckets, streams.stderr.clone());
    let interfaces = Interfaces::new(files.interfaces(), &request.env, &root, memory, log)?;
    let template = Template {
        args: request.args.clone(),
        env: request.env.clone(),
        mappings: preopens(root, &files.policy().preopens)?,
        cwd: request.cwd.clone(),
        network: files.network().cloned(),
        outgoing: outgoing(files, request, host),
        http: files.policy().http.clone().unwrap_or_default(),
        threads,
        handles: max_handles(ffi::limits::descriptors()),
        streams,
        interfaces,
        policy: GuestPolicy::of(files.policy()),
        listeners,
    };
    expect_allowed(&template)?;
    Ok((template, held_stdin))
}

/// Listens in the container's network for its first guest, as the container's user.
fn listeners(guest: &Guest, request: &CreateRequest, files: &ContainerFiles) -> Answer<Vec<Arc<Socket>>> {
    let addresses = &request.policy.network.listen;
    if !guest.is_first() || addresses.is_empty() {
        return Ok(Vec::new());
    }
    let Some(network) = files.network() else {
        let why = "a container without a network of its own (hostNetwork) can have none elsewhere";
        return Err(Refusal::invalid(format!("listen at {}: {why}", addresses[0])));
    };
    let bind = || listen::bind(addresses, network.policy());
    match Identity::of(request.user.as_ref())? {
        Some(owner) => owner.doing(bind).naming("listen as the user of the container")?,
        None => bind(),
    }
}

fn outgoing(files: &ContainerFiles, request: &CreateRequest, host: &Host) -> Outgoing {
    let Some(network) = files.network() else {
        return Outgoing::Denied;
    };
    let trust = Trust::new(&request.env, files.shared_root(), host.trust.clone());
    Outgoing::Allowed {
        network: network.clone(),
        trust,
    }
}

/// Refuses a store of `wasi:keyvalue` that is where the guest itself may not go.
fn expect_allowed(template: &Template) -> Answer<()> {
    match (&template.network, template.interfaces.keyvalue.remote()) {
        (Some(network), Some(address)) => network.policy().expect_reaching("key-value store", address),
        _ => Ok(()),
    }
}

/// Refuses a service that has no network, or may not listen where it says.
///
/// # Errors
/// With that.
pub fn expect_serving(template: &Template) -> Answer<()> {
    let Some(network) = &template.network else {
        let why = "a container without a network of its own (hostNetwork) can have none elsewhere";
        return Err(Refusal::invalid(format!("serve HTTP: {why}")));
    };
    network
        .policy()
        .expect_listening("serve HTTP", ListenAddress::of(template)?.port())
}
