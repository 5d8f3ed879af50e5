//! What a container may have of the CPU: a quota, kept by the guests' own epoch checks, and a weight, kept by the
//! kernel's scheduler.

pub mod governor;
pub mod meter;
pub mod pacer;
pub mod threads;

use crate::ffi;
use crate::lock::lock;
use governor::{Governor, Throttling, Verdict};
use pacer::Pacer;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use threads::ThreadTimes;

/// A container's account of CPU time: what its guests used, and what they may use.
#[derive(Default)]
pub struct CpuAccount {
    /// The threads and their times.
    pub threads: ThreadTimes,
    governor: Mutex<Option<Governor>>,
    governed: AtomicBool,
    before: Mutex<Throttling>,
    running: AtomicU32,
    nice: AtomicI32,
    pacer: Option<Arc<Pacer>>,
}

impl CpuAccount {
    /// An account whose quota `pacer` will look after.
    pub fn new(pacer: Arc<Pacer>) -> Arc<Self> {
        Arc::new(Self {
            pacer: Some(pacer),
            ..Self::default()
        })
    }

    /// Changes the quota and begins a new period; a quota of zero is none.
    pub fn set_quota(self: &Arc<Self>, quota: Duration, period: Duration) {
        let (now, used) = (Instant::now(), self.threads.total());
        let mut governor = lock(&self.governor);
        let mut before = lock(&self.before);
        if let Some(last) = governor.take() {
            *before = last.throttling(now);
        }
        if !quota.is_zero() {
            *governor = Some(Governor::new(quota, period, now, used).following(*before));
        }
        self.governed.store(governor.is_some(), SeqCst);
        drop((governor, before));
        if let Some(pacer) = &self.pacer
            && self.is_governed()
        {
            pacer.watch(self);
        }
    }

    /// Changes the weight: cgroup v1 shares, 0 for the default.
    pub fn set_shares(&self, shares: u64) {
        let nice = nice_of(shares);
        if self.nice.swap(nice, Relaxed) != nice {
            self.threads.set_nice(nice);
        }
    }

    /// The calling thread is about to run guest code: from now on it has the container's weight, not the engine's.
    pub fn take_weight(&self) {
        threads::set_nice(ffi::thread::own_id(), self.nice.load(Relaxed));
    }

    /// Has the guest in `seat` come to its end before others go on.
    pub fn hurry(&self, seat: u32) {
        self.threads.hurry(seat);
    }

    /// Whether there is a quota.
    pub fn is_governed(&self) -> bool {
        self.governed.load(SeqCst)
    }

    /// What became of the container under its quotas.
    pub fn throttling(&self) -> Throttling {
        match &*lock(&self.governor) {
            Some(governor) => governor.throttling(Instant::now()),
            None => *lock(&self.before),
        }
    }

    /// One of the guests runs from now on.
    pub fn begin(&self) {
        self.running.fetch_add(1, SeqCst);
        if let Some(pacer) = &self.pacer
            && self.is_governed()
        {
            pacer.rouse();
        }
    }

    /// It waits, or is parked.
    pub fn rest(&self) {
        self.running.fetch_sub(1, SeqCst);
    }

    /// Until when the calling guest must wait; nothing if it may go on.
    pub fn held_until(&self) -> Option<Instant> {
        match self.verdict(Instant::now())? {
            Verdict::Left(_) => None,
            Verdict::Until(then) => Some(then),
        }
    }

    /// The shortest time in which the running guests can use up the quota; none while none runs.
    fn time_left(&self, now: Instant) -> Option<Duration> {
        let running = self.running.load(SeqCst);
        if running == 0 {
            return None;
        }
        match self.verdict(now)? {
            Verdict::Left(left) => Some(left / running),
            Verdict::Until(_) => Some(Duration::ZERO),
        }
    }

    fn verdict(&self, now: Instant) -> Option<Verdict> {
        if !self.is_governed() {
            return None;
        }
        let used = self.threads.total();
        lock(&self.governor).as_mut().map(|g| g.verdict(now, used))
    }
}

/// The nice value of the engine's own threads, and of a guest's before it runs its code and when it has to end:
/// however many guests there are that only compute, the next one is made and killed without queueing behind them.
pub const HURRY: i32 = -10;

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

#[cfg(test)]
mod tests {
    use super::nice_of;

    #[test]
    fn weights_become_nice_values() {
        assert_eq!(nice_of(0), 0);
        assert_eq!(nice_of(1024), 0);
        assert_eq!(nice_of(512), 3);
        assert_eq!(nice_of(2), 19);
        assert_eq!(nice_of(262_144), -10);
    }
}
