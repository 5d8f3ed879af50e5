//! The threads of a guest beside its own: those that share the requests of a service with it, and helpers that wait for
//! files in the place of one that has others to serve.

use super::identity::Identity;
use crate::account::cpu::CpuAccount;
use crate::confine;
use crate::template::Threads;
use std::io;
use std::sync::Arc;
use std::thread::{Builder as Thread, JoinHandle};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// A thread's own stack; guests run on another one.
pub const STACK_BYTES: usize = 512 * 1024;
/// How long an idle helper stays.
const HELPER_IDLE: Duration = Duration::from_secs(1);
/// Helpers that each of a guest's threads may have at once, beside one for each request of a service.
const HELPERS: usize = 4;

/// Starts threads of one guest.
#[derive(Clone)]
pub struct OwnThreads {
    cpu: Arc<CpuAccount>,
    number: u32,
    /// None for a guest that is all there is in this process, and has its user and no filter.
    becoming: Option<Becoming>,
    helpers: usize,
    alone: bool,
}

/// What the threads become before they do anything for the guest.
#[derive(Clone)]
struct Becoming(Option<Arc<Identity>>);

impl OwnThreads {
    /// Those of a guest among others. They are born with the network of the thread that starts them and, once the
    /// guest runs, with its identity.
    pub fn confined(cpu: &Arc<CpuAccount>, number: u32, identity: Option<Arc<Identity>>) -> Self {
        Self {
            cpu: cpu.clone(),
            number,
            becoming: Some(Becoming(identity)),
            helpers: HELPERS,
            alone: true,
        }
    }

    /// Those of a guest with a process of its own.
    pub fn free(cpu: &Arc<CpuAccount>, number: u32) -> Self {
        Self {
            cpu: cpu.clone(),
            number,
            becoming: None,
            helpers: HELPERS,
            alone: true,
        }
    }

    /// With a helper for each of so many requests: none that waits for a file keeps another one waiting.
    pub fn for_requests(self, requests: u32) -> Self {
        Self {
            helpers: HELPERS + requests as usize,
            alone: false,
            ..self
        }
    }

    fn become_guests(&self) {
        let Some(Becoming(identity)) = &self.becoming else {
            return;
        };
        if let Err(e) = born_guest(identity.as_deref()) {
            panic!("take on the guest's identity: {e}");
        }
    }
}

impl Threads for OwnThreads {
    fn spawn(&self, name: String, work: Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>> {
        let own = self.clone();
        Thread::new().name(name).stack_size(STACK_BYTES).spawn(move || {
            own.cpu.threads.enter(own.number);
            own.become_guests();
            work();
            own.cpu.threads.leave();
        })
    }

    // They are born as the thread that starts them is; the check is for a runtime that would start them elsewhere.
    fn runtime(&self) -> io::Result<Runtime> {
        let (entering, leaving) = (self.clone(), self.clone());
        Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .max_blocking_threads(self.helpers)
            .thread_keep_alive(HELPER_IDLE)
            .thread_stack_size(STACK_BYTES)
            .on_thread_start(move || {
                entering.cpu.threads.enter_to_help(entering.number);
                entering.become_guests();
            })
            .on_thread_stop(move || leaving.cpu.threads.leave())
            .build()
    }

    fn alone(&self) -> bool {
        self.alone
    }

    fn wake_helpers(&self) {
        self.cpu.threads.wake_helpers(self.number);
    }
}

/// A thread that a guest's thread started has its identity from birth, and with it the filter.
fn born_guest(identity: Option<&Identity>) -> io::Result<()> {
    match identity {
        Some(identity) if identity.is_assumed()? => Ok(()),
        identity => become_guest(identity),
    }
}

/// The last step before foreign code runs: from here on the thread has what a guest needs, and there is no way back.
///
/// # Errors
/// When the kernel refuses one step; the thread must not run guest code then.
pub fn become_guest(identity: Option<&Identity>) -> io::Result<()> {
    match identity {
        Some(identity) => identity.assume()?,
        None => Identity::give_up_capabilities()?,
    }
    confine::guest()
}
