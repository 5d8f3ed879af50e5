//! One guest: an operating system thread that runs a WASI module, and what others may know of it and do to it.

pub mod control;
pub mod identity;
pub mod limits;
pub mod outcome;
pub mod root;
pub mod running;
pub mod signals;
pub mod stats;
pub mod stdio;
pub mod thread;
pub mod wasi;

use crate::refusal::{Answer, Kind, Refusal};
use control::Control;
use limits::MemoryAccount;
use outcome::Exit;
use stats::{MemoryWindow, ThreadTimes};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use stdio::Keeper;

/// Where a guest is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Its thread is being made.
    Creating,
    /// Ready to run.
    Created,
    /// Running, or parked.
    Running,
    /// Ended; only figures are left.
    Exited,
}

/// CPU limits as the daemon gave them, kept for the governor to come; the weight is in force as a nice value.
#[derive(Debug, Default)]
pub struct CpuLimits {
    /// Microseconds per period; 0 is no limit.
    pub quota_us: AtomicU64,
    /// Microseconds.
    pub period_us: AtomicU64,
    /// cgroup v1 shares; 0 is the default.
    pub shares: AtomicU64,
}

/// One guest as everybody but its own thread sees it.
pub struct Guest {
    /// Unique among the living.
    pub id: String,
    /// Orders to the thread.
    pub control: Arc<Control>,
    /// Memory figures and limit.
    pub memory: Arc<MemoryAccount>,
    /// Where the memory is.
    pub window: MemoryWindow,
    /// Its threads and their CPU time.
    pub threads: ThreadTimes,
    /// CPU limits.
    pub cpu: CpuLimits,
    /// Ended for want of memory.
    pub oom_killed: AtomicBool,
    pid: AtomicU32,
    phase: Mutex<Phase>,
    keeper: Mutex<Option<Keeper>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Guest {
    /// A guest that is about to get its thread.
    pub fn new(id: &str, memory_limit: u64) -> Arc<Self> {
        Arc::new(Self {
            id: id.to_owned(),
            control: Arc::default(),
            memory: MemoryAccount::new(memory_limit),
            window: MemoryWindow::default(),
            threads: ThreadTimes::default(),
            cpu: CpuLimits::default(),
            oom_killed: AtomicBool::new(false),
            pid: AtomicU32::new(0),
            phase: Mutex::new(Phase::Creating),
            keeper: Mutex::new(None),
            thread: Mutex::new(None),
        })
    }

    /// The kernel's number of the guest's thread.
    pub fn pid(&self) -> u32 {
        self.pid.load(Relaxed)
    }

    /// Where it is in its life.
    pub fn phase(&self) -> Phase {
        *lock(&self.phase)
    }

    /// Lets the guest run.
    ///
    /// # Errors
    /// When it was started before.
    pub fn start(&self) -> Answer<u32> {
        let mut phase = lock(&self.phase);
        if *phase != Phase::Created {
            return Err(self.wrong_state("start", *phase));
        }
        *phase = Phase::Running;
        self.control.start();
        Ok(self.pid())
    }

    /// Refuses `what` unless the guest has been created and has not exited.
    ///
    /// # Errors
    /// When it exited or is being made.
    pub fn expect_alive(&self, what: &str) -> Answer<()> {
        match self.phase() {
            Phase::Created | Phase::Running => Ok(()),
            Phase::Creating => Err(self.wrong_state(what, Phase::Creating)),
            Phase::Exited => Err(Refusal::new(
                Kind::Unknown,
                format!("{what} {}: it has exited", self.id),
            )),
        }
    }

    /// The refusal of something that cannot be done in this phase.
    pub fn wrong_state(&self, what: &str, phase: Phase) -> Refusal {
        Refusal::new(
            Kind::WrongState,
            format!("{what} {}: it is {phase:?}", self.id).to_lowercase(),
        )
    }

    /// Closes the engine's write end of stdin.
    pub fn close_stdin(&self) {
        lock(&self.keeper).take();
    }

    /// Waits for the thread to be gone. Only for guests whose thread is on its way out.
    pub fn join(&self) {
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            // Its panics were caught at its border.
            let _ = thread.join();
        }
    }

    /// Forgets the thread, which the kernel does not let go.
    pub fn abandon(&self) {
        lock(&self.thread).take();
    }

    fn created(&self, pid: u32, keeper: Option<Keeper>) {
        self.pid.store(pid, Relaxed);
        *lock(&self.keeper) = keeper;
        *lock(&self.phase) = Phase::Created;
    }

    /// Makes the guest exited; false if it was already.
    pub fn finish(&self, exit: &Exit) -> bool {
        let mut phase = lock(&self.phase);
        if *phase == Phase::Exited {
            return false;
        }
        *phase = Phase::Exited;
        self.oom_killed.store(exit.oom_killed, Relaxed);
        self.close_stdin();
        true
    }
}

/// A mutex whose holder panicked still guards plain values that are valid at any time.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
