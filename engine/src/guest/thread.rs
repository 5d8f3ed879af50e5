//! The thread of a guest, from its birth in Create to the report of its exit.

use super::Guest;
use super::container::ContainerFiles;
use super::ending::{self, run_and_report};
use super::host::Host;
use super::identity::Identity;
use super::running::Prepared;
use crate::account::limits::max_handles;
use crate::account::policy::Policy;
use crate::confine;
use crate::control::Release;
use crate::control::exit::Exit;
use crate::control::thread::GuestThread;
use crate::entry::Entry;
use crate::ffi;
use crate::http::address::Address;
use crate::lock::lock;
use crate::network::trust::Trust;
use crate::proto::engine::CreateRequest;
use crate::refusal::{Answer, Naming, Refusal};
use crate::stdio::{HeldStdin, Output, Streams};
use crate::template::{Spawn, Template};
use crate::wasi::filesystem::mappings::{Mapping, preopens};
use crate::wasi::interfaces::Interfaces;
use crate::wasi::outgoing::Outgoing;
use crate::wasi::preview1::sockets::{Socket, listen};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use wasmtime_wasi::FsPerms;

/// The thread's own stack; guests run on another one.
const STACK_BYTES: usize = 512 * 1024;
/// How long the text of a trap may wait for room in the guest's stderr.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long an idle helper thread of a guest stays.
const HELPER_IDLE: Duration = Duration::from_secs(1);
/// Helper threads a guest may have at once.
const MAX_HELPERS: usize = 4;
/// Kernel limit of a thread's name, less the prefix.
const NAME_BYTES: usize = 9;

/// Makes the thread of `guest` and waits until it is ready to run.
///
/// # Errors
/// When anything the request names cannot be had; nothing is left of the guest then.
pub async fn create(guest: &Arc<Guest>, request: CreateRequest, host: &Arc<Host>) -> Answer<u32> {
    let (ready, answer) = oneshot::channel();
    let name: String = guest
        .id
        .chars()
        .take(NAME_BYTES)
        .filter(|c| c.is_ascii_graphic())
        .collect();
    let (own, host) = (guest.clone(), host.clone());
    let thread = thread::Builder::new()
        .name(format!("guest-{name}"))
        .stack_size(STACK_BYTES)
        .spawn(move || live(&own, &request, &host, ready))
        .naming("start the guest's thread")?;
    *lock(&guest.thread) = Some(thread);
    let answer = answer
        .await
        .unwrap_or_else(|_| Err(Refusal::internal("the guest's thread ended before it was ready")));
    if answer.is_err() {
        guest.join();
    }
    answer
}

fn live(guest: &Arc<Guest>, request: &CreateRequest, host: &Arc<Host>, ready: oneshot::Sender<Answer<u32>>) {
    guest.container.cpu.threads.enter(guest.number);
    let prepared = catch_unwind(AssertUnwindSafe(|| prepare(guest, request, host)))
        .unwrap_or_else(|p| Err(Refusal::internal(Exit::panic(&*p).cause)));
    match prepared {
        Err(refusal) => drop(ready.send(Err(refusal))),
        Ok((ready_guest, held_stdin)) => {
            let pid = ffi::thread::own_id();
            guest.created(pid, held_stdin);
            if ready.send(Ok(pid)).is_ok() {
                run_and_report(guest, host, || ready_guest.run_released(guest, host));
            }
        }
    }
    guest.container.cpu.threads.leave();
}

struct Ready {
    prepared: Prepared,
    runtime: Runtime,
    identity: Option<Arc<Identity>>,
}

fn prepare(guest: &Arc<Guest>, request: &CreateRequest, host: &Host) -> Answer<(Ready, Option<HeldStdin>)> {
    let identity = Identity::of(request.user.as_ref())?.map(Arc::new);
    let compiled = Path::new(&request.compiled_path);
    let program = host.programs.load(compiled)?;
    let entry = Entry::find(&program, &request.entrypoint, &request.args)?;
    let files = enter(guest, request)?;
    let root = vec![Mapping::of(files.root()?, "/", FsPerms::ReadWrite)];
    let runtime = runtime(guest, identity.clone()).naming("make the guest's runtime")?;
    let ((streams, held_stdin), listeners) = {
        let _inside = runtime.enter();
        (Streams::open(&request.stdio)?, listeners(guest, request, &files)?)
    };
    let (memory, log) = (&guest.container.buckets, streams.stderr.clone());
    let interfaces = Interfaces::new(files.interfaces(), &request.env, &root, memory, log)?;
    let template = Template {
        args: request.args.clone(),
        env: request.env.clone(),
        mappings: preopens(root, &files.policy().preopens)?,
        cwd: request.cwd.clone(),
        network: files.network().cloned(),
        outgoing: outgoing(&files, request, host),
        http: files.policy().http.clone().unwrap_or_default(),
        spawn: spawner(guest, identity.clone()),
        handles: max_handles(ffi::limits::descriptors()),
        streams,
        interfaces,
        policy: Policy::of(files.policy()),
        listeners,
    };
    expect_allowed(&template)?;
    if matches!(entry, Entry::Service) {
        expect_serving(&template)?;
    }
    let prepared = Prepared::new(
        (compiled, program),
        entry,
        template,
        guest.memory.clone(),
        &host.programs,
    )?;
    let ready = Ready {
        prepared,
        runtime,
        identity,
    };
    Ok((ready, held_stdin))
}

/// Listens in the container's network for its first guest.
fn listeners(guest: &Guest, request: &CreateRequest, files: &ContainerFiles) -> Answer<Vec<Arc<Socket>>> {
    let addresses = &request.policy.network.listen;
    if !guest.is_first() || addresses.is_empty() {
        return Ok(Vec::new());
    }
    let Some(network) = files.network() else {
        let why = "a container without a network of its own (hostNetwork) can have none elsewhere";
        return Err(Refusal::invalid(format!("listen at {}: {why}", addresses[0])));
    };
    listen::bind(addresses, network.policy())
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
fn expect_serving(template: &Template) -> Answer<()> {
    let Some(network) = &template.network else {
        let why = "a container without a network of its own (hostNetwork) can have none elsewhere";
        return Err(Refusal::invalid(format!("serve HTTP: {why}")));
    };
    network
        .policy()
        .expect_listening("serve HTTP", Address::of(template)?.port())
}

/// Opens the container's root and network, or finds them open, and enters the network.
fn enter(guest: &Guest, request: &CreateRequest) -> Answer<Arc<ContainerFiles>> {
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

/// Starts further threads of the guest. They are born with the network and, once the guest runs, with its identity.
fn spawner(guest: &Arc<Guest>, identity: Option<Arc<Identity>>) -> Spawn {
    let guest = guest.clone();
    Arc::new(move |name, work| {
        let (guest, identity) = (guest.clone(), identity.clone());
        let body = move || {
            guest.container.cpu.threads.enter(guest.number);
            if let Err(e) = born_guest(identity.as_deref()) {
                panic!("take on the guest's identity: {e}");
            }
            work();
            guest.container.cpu.threads.leave();
        };
        thread::Builder::new().name(name).stack_size(STACK_BYTES).spawn(body)
    })
}

/// A runtime of this thread alone. Its helpers are born with the network namespace and the identity of the thread
/// that starts them; the check is for a runtime that would start them elsewhere.
fn runtime(guest: &Arc<Guest>, identity: Option<Arc<Identity>>) -> std::io::Result<Runtime> {
    let (entering, leaving) = (guest.clone(), guest.clone());
    Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(MAX_HELPERS)
        .thread_keep_alive(HELPER_IDLE)
        .thread_stack_size(STACK_BYTES)
        .on_thread_start(move || {
            entering.container.cpu.threads.enter(entering.number);
            if let Err(e) = born_guest(identity.as_deref()) {
                panic!("take on the guest's identity: {e}");
            }
        })
        .on_thread_stop(move || leaving.container.cpu.threads.leave())
        .build()
}

impl Ready {
    /// Waits for the word to run, runs, and closes everything. None if nobody wants to hear of the end.
    fn run_released(self, guest: &Arc<Guest>, host: &Arc<Host>) -> Option<Exit> {
        match guest.control.wait_release() {
            Release::Dropped => return None,
            Release::Signal(n) => return Some(Exit::signal(n)),
            Release::Start => {}
        }
        guest.container.cpu.take_weight();
        if let Err(e) = become_guest(self.identity.as_deref()) {
            return Some(Exit::failure(format!("take on the user of the container: {e}")));
        }
        self.prepared.settle();
        let bounds = self.prepared.time();
        let expiry = bounds
            .any()
            .then(|| host.tasks.spawn(ending::expire(guest.clone(), bounds, host.clone())));
        let exit = self.runtime.block_on(async {
            let thread = GuestThread::first(&guest.control, &guest.container.cpu);
            let (exit, words) = self.prepared.run(&thread).await;
            if let Some((stderr, text)) = words {
                speak(&stderr, &text).await;
            }
            exit
        });
        if let Some(expiry) = expiry {
            expiry.abort();
        }
        self.runtime.shutdown_background();
        Some(exit)
    }
}

/// A thread that a guest's thread started has its identity from birth, and with it the filter.
fn born_guest(identity: Option<&Identity>) -> std::io::Result<()> {
    match identity {
        Some(identity) if identity.is_assumed()? => Ok(()),
        identity => become_guest(identity),
    }
}

/// The last step before foreign code runs: from here on the thread has what a guest needs, and there is no way back.
fn become_guest(identity: Option<&Identity>) -> std::io::Result<()> {
    match identity {
        Some(identity) => identity.assume()?,
        None => Identity::give_up_capabilities()?,
    }
    confine::guest()
}

/// Best effort: the guest's end does not wait long for a reader.
async fn speak(stderr: &Output, text: &str) {
    let _ = tokio::time::timeout(LAST_WORDS, stderr.write_all(text.as_bytes())).await;
}
