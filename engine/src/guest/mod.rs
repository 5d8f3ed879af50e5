//! One guest: an operating system thread that runs a WASI module, and what others may know of it and do to it.

pub mod container;
pub mod ending;
pub mod exits;
pub mod host;
pub mod identity;
mod prepare;
pub mod running;
pub mod thread;
pub mod threads;

use crate::account::memory::MemoryShare;
use crate::control::Control;
use crate::lock::lock;
use crate::refusal::{Answer, Kind, Refusal};
use crate::stdio::HeldStdin;
use container::Container;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tokio::sync::watch;

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

/// One guest as everybody but its own thread sees it.
pub struct Guest {
    /// Unique among the living.
    pub id: String,
    /// What it shares with others.
    pub container: Arc<Container>,
    /// Which of the container's guests it is; the first is 0.
    pub number: u32,
    /// Orders to the thread.
    pub control: Arc<Control>,
    /// Its part of the container's memory.
    pub memory: Arc<MemoryShare>,
    pid: AtomicU32,
    ended: AtomicBool,
    phase: watch::Sender<Phase>,
    held_stdin: Mutex<Option<HeldStdin>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Guest {
    /// A guest that is about to get its thread.
    fn new(id: &str, container: Arc<Container>, number: u32) -> Arc<Self> {
        Arc::new(Self {
            id: id.to_owned(),
            memory: MemoryShare::new(container.memory.clone()),
            container,
            number,
            control: Arc::default(),
            pid: AtomicU32::new(0),
            ended: AtomicBool::new(false),
            phase: watch::Sender::new(Phase::Creating),
            held_stdin: Mutex::new(None),
            thread: Mutex::new(None),
        })
    }

    /// The kernel's number of the guest's thread.
    pub fn pid(&self) -> u32 {
        self.pid.load(Relaxed)
    }

    /// Whether the container ends with it.
    pub fn is_first(&self) -> bool {
        self.number == 0
    }

    /// Where it is in its life.
    pub fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Its phase and the changes of it.
    pub fn watch(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// Lets the guest run.
    ///
    /// # Errors
    /// When it was started before.
    pub fn start(&self) -> Answer<u32> {
        let mut before = Phase::Created;
        let started = self.phase.send_if_modified(|phase| {
            before = *phase;
            let ready = before == Phase::Created;
            if ready {
                *phase = Phase::Running;
            }
            ready
        });
        if !started {
            return Err(self.wrong_state("start", before));
        }
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
        let state = format!("{phase:?}").to_lowercase();
        Refusal::new(Kind::WrongState, format!("{what} {}: it is {state}", self.id))
    }

    /// Closes the engine's write end of stdin.
    pub fn close_stdin(&self) {
        lock(&self.held_stdin).take();
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
    fn abandon(&self) {
        lock(&self.thread).take();
    }

    fn created(&self, pid: u32, held_stdin: Option<HeldStdin>) {
        self.pid.store(pid, Relaxed);
        *lock(&self.held_stdin) = held_stdin;
        self.phase.send_if_modified(|phase| {
            let new = *phase == Phase::Creating;
            if new {
                *phase = Phase::Created;
            }
            new
        });
    }

    /// True for the first who wants to report the end.
    fn claim_end(&self) -> bool {
        !self.ended.swap(true, Relaxed)
    }

    /// Makes the guest exited and reports it, in one step for all who watch the phase.
    fn exited(&self, report: impl FnOnce()) {
        self.close_stdin();
        self.phase.send_modify(|phase| {
            *phase = Phase::Exited;
            report();
        });
    }
}
