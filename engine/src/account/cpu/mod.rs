//! What a container may have of the CPU: a quota, kept by the guests' own epoch checks, and a weight, kept by the
//! kernel's scheduler.

pub mod governor;
pub mod meter;
mod nice;
pub mod pacer;
pub mod threads;

use crate::ffi;
use crate::lock::lock;
pub use nice::{HURRY, nice_of};

use governor::{Governor, Throttling, Verdict};
use pacer::{Paced, Pacer};
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
            pacer.watch(self.clone());
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
        nice::set_nice(ffi::thread::own_id(), self.nice.load(Relaxed));
    }

    /// Has the guest of that number come to its end before others go on.
    pub fn hurry(&self, number: u32) {
        self.threads.hurry(number);
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

    fn verdict(&self, now: Instant) -> Option<Verdict> {
        if !self.is_governed() {
            return None;
        }
        let used = self.threads.total();
        lock(&self.governor).as_mut().map(|g| g.verdict(now, used))
    }
}

impl Paced for CpuAccount {
    fn is_governed(&self) -> bool {
        self.governed.load(SeqCst)
    }

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
}
