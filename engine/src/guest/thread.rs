//! The thread of a guest, from its birth in Create to the report of its exit.

use super::Guest;
use super::container::ContainerFiles;
use super::ending::{self, run_and_report};
use super::host::Host;
use super::identity::Identity;
use super::prepare::{enter, expect_serving, template};
use super::running::Prepared;
use super::threads::{OwnThreads, STACK_BYTES, become_guest};
use crate::control::Release;
use crate::control::exit::Exit;
use crate::control::thread::GuestThread;
use crate::entry::Entry;
use crate::ffi;
use crate::http::settings::Settings;
use crate::lock::lock;
use crate::proto::engine::CreateRequest;
use crate::refusal::{Answer, Naming, Refusal};
use crate::stdio::{HeldStdin, Output};
use crate::template::Threads;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// How long the text of a trap may wait for room in the guest's stderr.
const LAST_WORDS: Duration = Duration::from_secs(1);
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
    let identity = identity(request)?;
    let compiled = Path::new(&request.compiled_path);
    let program = host.programs.load(compiled)?;
    let entry = Entry::find(&program, &request.entrypoint, &request.args)?;
    let files = enter(guest, request)?;
    let threads = threads(guest, identity.clone(), &entry, &files)?;
    let runtime = threads.runtime().naming("make the guest's runtime")?;
    let (template, held_stdin) = {
        let _inside = runtime.enter();
        template(guest, request, &files, host, threads)?
    };
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

/// Whom the guest runs as. The calling thread may listen where he may, from now on.
fn identity(request: &CreateRequest) -> Answer<Option<Arc<Identity>>> {
    let identity = Identity::of(request.user.as_ref())?.map(Arc::new);
    if let Some(identity) = &identity {
        identity.assume_ports().naming("take on the ports of the user")?;
    }
    Ok(identity)
}

/// Each request of a service may wait for a file, and the others go on.
fn threads(
    guest: &Guest,
    identity: Option<Arc<Identity>>,
    entry: &Entry,
    files: &ContainerFiles,
) -> Answer<Arc<OwnThreads>> {
    let mut threads = OwnThreads::confined(&guest.container.cpu, guest.number, identity);
    if matches!(entry, Entry::Service) {
        let settings = Settings::of(&files.policy().http.clone().unwrap_or_default())?;
        threads = threads.for_requests(settings.requests);
    }
    Ok(Arc::new(threads))
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

/// Best effort: the guest's end does not wait long for a reader.
async fn speak(stderr: &Output, text: &str) {
    let _ = tokio::time::timeout(LAST_WORDS, stderr.write_all(text.as_bytes())).await;
}
