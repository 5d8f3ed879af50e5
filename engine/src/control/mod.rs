//! How others stop, park and end a guest whose thread is busy elsewhere: in wasm code, in a host call that waits, or
//! in the kernel.

pub mod exit;
pub mod signals;
pub mod thread;

use crate::account::cpu::CpuAccount;
use crate::account::policy::Expiry;
use crate::lock::lock;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;
use tokio::sync::watch;

/// What made a waiting thread go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// Run the guest.
    Start,
    /// A signal ended it before it ran.
    Signal(u8),
    /// It is forgotten; leave without a report.
    Dropped,
}

/// Where the guest's thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Activity {
    /// In wasm code or a host call that does not wait.
    Busy,
    /// Parked at an epoch check.
    Parked,
    /// Waiting inside a host call.
    Waiting,
}

#[derive(Debug)]
struct State {
    started: bool,
    dropped: bool,
    signal: Option<u8>,
    expiry: Option<Expiry>,
    paused: bool,
    stopped: bool,
    threads: Vec<ThreadState>,
}

/// One of the threads that run the guest; most guests have one.
#[derive(Debug)]
struct ThreadState {
    activity: Activity,
    waker: Option<Waker>,
}

impl ThreadState {
    fn new() -> Self {
        let activity = Activity::Waiting;
        Self { activity, waker: None }
    }
}

impl State {
    fn held(&self) -> bool {
        self.paused || self.stopped
    }
}

/// The wishes of others about one guest, and the places where its thread looks at them.
#[derive(Debug)]
pub struct Control {
    state: Mutex<State>,
    changed: Condvar,
    drains: AtomicBool,
    drain: watch::Sender<bool>,
}

impl Default for Control {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                started: false,
                dropped: false,
                signal: None,
                expiry: None,
                paused: false,
                stopped: false,
                threads: vec![ThreadState::new()],
            }),
            changed: Condvar::new(),
            drains: AtomicBool::new(false),
            drain: watch::Sender::new(false),
        }
    }
}

impl Control {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        let wakers: Vec<_> = state
            .threads
            .iter_mut()
            .filter_map(|thread| thread.waker.take())
            .collect();
        drop(state);
        self.changed.notify_all();
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Lets a created guest run.
    pub fn start(&self) {
        self.change(|s| s.started = true);
    }

    /// Ends a guest that never ran, without a report.
    pub fn drop_unstarted(&self) {
        self.change(|s| s.dropped = true);
    }

    /// Ends the guest as signal `n` would. The first signal counts.
    pub fn end(&self, n: u8) {
        self.change(|s| s.signal = s.signal.or(Some(n)));
    }

    /// Ends a guest that has used up its time, unless something else ended it before.
    pub fn expire(&self, expiry: Expiry) {
        self.change(|s| {
            if s.signal.is_none() {
                s.signal = Some(expiry.signal);
                s.expiry = Some(expiry);
            }
        });
    }

    /// The guest finishes what it has begun, from now on, when it is asked to end.
    pub fn offer_drain(&self) {
        self.drains.store(true, SeqCst);
    }

    /// Asks the guest to end by itself; false if it does not know how to, or was asked before.
    pub fn drain(&self) -> bool {
        self.drains.load(SeqCst) && !self.drain.send_replace(true)
    }

    /// Waits until the guest is asked to end.
    pub async fn asked_to_end(&self) {
        // The sender is this object's own, so the waiting cannot fail.
        let _ = self.drain.subscribe().wait_for(|asked| *asked).await;
    }

    /// Parks the guest with its container at its next check, or lets it go on.
    pub fn set_paused(&self, paused: bool) {
        self.change(|s| s.paused = paused);
    }

    /// Parks this guest alone, as SIGSTOP does, or lets it go on as SIGCONT does.
    pub fn set_stopped(&self, stopped: bool) {
        self.change(|s| s.stopped = stopped);
    }

    /// Has a waiting guest look at everything once more.
    pub fn nudge(&self) {
        self.change(|_| {});
    }

    /// The guest has ended. Its waker goes, for it holds the runtime, which holds the guest.
    pub fn ended(&self) {
        self.state().threads.iter_mut().for_each(|thread| thread.waker = None);
    }

    /// The signal that ends the guest, once there is one.
    pub fn signal(&self) -> Option<u8> {
        self.state().signal
    }

    /// Why it was ended, if it had used up its time.
    pub fn expiry(&self) -> Option<Expiry> {
        self.state().expiry.clone()
    }

    /// Whether the guest makes no progress: it is parked, or waits in a host call that it will not return from
    /// while paused.
    pub fn at_rest(&self) -> bool {
        self.state()
            .threads
            .iter()
            .all(|thread| thread.activity != Activity::Busy)
    }

    /// One more thread will run the guest; the first one has index 0.
    pub fn add_thread(&self) -> usize {
        let mut state = self.state();
        state.threads.push(ThreadState::new());
        state.threads.len() - 1
    }

    /// Blocks the guest's thread until it may run or must leave.
    pub fn wait_release(&self) -> Release {
        let mut state = self.state();
        loop {
            if state.dropped {
                return Release::Dropped;
            }
            if let Some(n) = state.signal {
                return Release::Signal(n);
            }
            if state.started && !state.held() {
                return Release::Start;
            }
            state = self.wait(state);
        }
    }

    /// The guest's epoch check: parks while it is paused or its container has used up its CPU quota. False when the
    /// guest must end.
    pub fn checkpoint(&self, index: usize, cpu: &CpuAccount) -> bool {
        let mut state = self.state();
        while state.signal.is_none() {
            let until = match state.held() {
                true => None,
                false => match cpu.held_until() {
                    None => break,
                    until => until,
                },
            };
            state.threads[index].activity = Activity::Parked;
            cpu.rest();
            state = self.wait_until(state, until);
            cpu.begin();
        }
        state.threads[index].activity = Activity::Busy;
        state.signal.is_none()
    }

    /// One poll of the guest's future, held back while paused and given up once a signal ends the guest.
    pub fn poll<T>(
        &self,
        index: usize,
        context: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<Result<T, u8>> {
        {
            let mut state = self.state();
            if let Some(n) = state.signal {
                return Poll::Ready(Err(n));
            }
            state.threads[index].waker = Some(context.waker().clone());
            if state.held() {
                state.threads[index].activity = Activity::Parked;
                return Poll::Pending;
            }
            state.threads[index].activity = Activity::Busy;
        }
        let answer = poll(context);
        self.state().threads[index].activity = Activity::Waiting;
        answer.map(Ok)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_until<'a>(&self, state: MutexGuard<'a, State>, until: Option<Instant>) -> MutexGuard<'a, State> {
        let Some(until) = until else { return self.wait(state) };
        let time = until.saturating_duration_since(Instant::now());
        let woken = self.changed.wait_timeout(state, time);
        woken.unwrap_or_else(PoisonError::into_inner).0
    }
}
