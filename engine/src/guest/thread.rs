//! The thread of a guest, from its birth in Create to the report of its exit.

use super::control::Release;
use super::identity::Identity;
use super::outcome::Exit;
use super::root::{self, Mapping};
use super::running::{self, Prepared};
use super::stdio::{Keeper, Output, Streams};
use super::{Guest, Phase};
use crate::ffi;
use crate::program::Programs;
use crate::proto::engine::CreateRequest;
use crate::refusal::{Answer, Naming, Refusal};
use crate::serve::exits::Exits;
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

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
pub async fn create(
    guest: &Arc<Guest>,
    request: CreateRequest,
    programs: &Arc<Programs>,
    exits: &Arc<Exits>,
) -> Answer<u32> {
    let (ready, answer) = oneshot::channel();
    let name: String = guest
        .id
        .chars()
        .take(NAME_BYTES)
        .filter(|c| c.is_ascii_graphic())
        .collect();
    let (own, programs, exits) = (guest.clone(), programs.clone(), exits.clone());
    let thread = thread::Builder::new()
        .name(format!("guest-{name}"))
        .stack_size(STACK_BYTES)
        .spawn(move || live(&own, request, &programs, &exits, ready))
        .naming("start the guest's thread")?;
    *super::lock(&guest.thread) = Some(thread);
    let answer = answer
        .await
        .unwrap_or_else(|_| Err(Refusal::internal("the guest's thread ended before it was ready")));
    if answer.is_err() {
        guest.join();
    }
    answer
}

fn live(
    guest: &Arc<Guest>,
    request: CreateRequest,
    programs: &Programs,
    exits: &Exits,
    ready: oneshot::Sender<Answer<u32>>,
) {
    guest.threads.enter();
    let prepared = catch_unwind(AssertUnwindSafe(|| prepare(guest, &request, programs)))
        .unwrap_or_else(|p| Err(Refusal::internal(Exit::panic(&*p).cause)));
    match prepared {
        Err(refusal) => drop(ready.send(Err(refusal))),
        Ok((ready_guest, keeper)) => {
            let pid = ffi::thread::own_id();
            guest.created(pid, keeper);
            if ready.send(Ok(pid)).is_ok() {
                report(guest, exits, || ready_guest.run_released(guest));
            }
        }
    }
    guest.threads.leave();
}

/// Runs the guest behind a border that panics do not cross, and reports its end unless that was done already.
fn report(guest: &Guest, exits: &Exits, run: impl FnOnce() -> Option<Exit>) {
    let exit = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(None) => return,
        Ok(Some(exit)) => exit,
        Err(payload) => Exit::panic(&*payload),
    };
    guest.window.close();
    guest.memory.release();
    guest.threads.leave();
    if guest.finish(&exit) {
        exits.push(&guest.id, exit);
    }
}

struct Ready {
    prepared: Prepared,
    runtime: Runtime,
    identity: Option<Arc<Identity>>,
}

fn prepare(guest: &Arc<Guest>, request: &CreateRequest, programs: &Programs) -> Answer<(Ready, Option<Keeper>)> {
    let identity = Identity::of(request.user.as_ref())?.map(Arc::new);
    let program = programs.load(Path::new(&request.compiled_path))?;
    let entrypoint = running::entrypoint(program.module(), &request.entrypoint)?;
    let mut wasi = WasiCtxBuilder::new();
    running::describe(&mut wasi, &request.args, &request.env);
    let root = Mapping::open(Path::new(&request.root_path), "/", FsPerms::ReadWrite)?;
    root::preopen(&mut wasi, &[root], &request.cwd, &request.env)?;
    enter_network(&request.network_namespace)?;
    let runtime = runtime(guest, identity.clone()).naming("make the guest's runtime")?;
    let (streams, keeper) = {
        let _inside = runtime.enter();
        Streams::open(&request.stdio)?
    };
    let prepared = Prepared::new(program, entrypoint, wasi, streams, guest.memory.clone());
    let ready = Ready {
        prepared,
        runtime,
        identity,
    };
    Ok((ready, keeper))
}

fn enter_network(path: &str) -> Answer<()> {
    if path.is_empty() {
        return Ok(());
    }
    let namespace = ffi::fd::open(Path::new(path), libc::O_RDONLY | libc::O_NONBLOCK)
        .refusing(format_args!("open network namespace {path}"))?;
    ffi::thread::enter_network(namespace.as_fd()).refusing(format_args!("enter network namespace {path}"))
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
            entering.threads.enter();
            if let Some(Err(e)) = identity.as_ref().map(|i| i.assume()) {
                panic!("take on the guest's identity: {e}");
            }
        })
        .on_thread_stop(move || leaving.threads.leave())
        .build()
}

impl Ready {
    /// Waits for the word to run, runs, and closes everything. None if nobody wants to hear of the end.
    fn run_released(self, guest: &Arc<Guest>) -> Option<Exit> {
        match guest.control.wait_release() {
            Release::Dropped => return None,
            Release::Signal(n) => return Some(Exit::signal(n)),
            Release::Start => {}
        }
        if let Some(Err(e)) = self.identity.as_ref().map(|i| i.assume()) {
            return Some(Exit::failure(format!("take on the user of the container: {e}")));
        }
        let exit = self.runtime.block_on(async {
            let (exit, words) = self.prepared.run(&guest.control, &guest.window).await;
            if let Some((stderr, text)) = words {
                speak(&stderr, &text).await;
            }
            exit
        });
        self.runtime.shutdown_background();
        Some(exit)
    }
}

/// Best effort: the guest's end does not wait long for a reader.
async fn speak(stderr: &Output, text: &str) {
    let _ = tokio::time::timeout(LAST_WORDS, stderr.write_all(text.as_bytes())).await;
}

/// The nice value of a cgroup weight: each step of nice is a quarter of CPU share.
pub fn nice_of(shares: u64) -> i32 {
    const DEFAULT_SHARES: f64 = 1024.0;
    const STEP: f64 = 1.25;
    if shares == 0 {
        return 0;
    }
    let steps = -(shares as f64 / DEFAULT_SHARES).ln() / STEP.ln();
    (steps.round() as i32).clamp(-10, 19)
}

/// Ends a running guest that does not end by itself: wakes its threads out of the kernel until they leave, and after
/// a while reports the end without them.
pub async fn enforce_end(guest: &Arc<Guest>, n: u8, programs: &Programs, exits: &Exits) {
    const ROUND: Duration = Duration::from_millis(50);
    const ROUNDS: u32 = 19;
    for _ in 0..ROUNDS {
        programs.engine().increment_epoch();
        tokio::time::sleep(ROUND).await;
        if guest.phase() == Phase::Exited {
            return;
        }
        guest.threads.wake();
    }
    let mut exit = Exit::signal(n);
    exit.cause = "its thread did not come back from the kernel and was left behind".to_owned();
    if guest.finish(&exit) {
        guest.abandon();
        exits.push(&guest.id, exit);
    }
}

#[cfg(test)]
mod tests {
    use super::{nice_of, report};
    use crate::guest::Guest;
    use crate::serve::exits::Exits;

    #[tokio::test]
    async fn a_panic_ends_its_guest_once() {
        let (guest, exits) = (Guest::new("g", 0), Exits::default());
        report(&guest, &exits, || panic!("so it goes"));
        report(&guest, &exits, || panic!("again"));
        let exited = exits.next().await;
        assert_eq!((exited.id.as_str(), exited.exit.status), ("g", 134));
        assert!(exited.exit.cause.contains("so it goes"), "{}", exited.exit.cause);
        let more = tokio::time::timeout(std::time::Duration::from_millis(10), exits.next()).await;
        assert!(more.is_err());
    }

    #[test]
    fn weights_become_nice_values() {
        assert_eq!(nice_of(0), 0);
        assert_eq!(nice_of(1024), 0);
        assert_eq!(nice_of(512), 3);
        assert_eq!(nice_of(2), 19);
        assert_eq!(nice_of(262_144), -10);
    }
}
