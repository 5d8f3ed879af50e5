//! What a guest costs: CPU time of its threads and how much of its memory is resident.

use super::limits::MemoryAccount;
use crate::ffi;
use std::fs;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// CPU time in user and kernel mode.
#[derive(Clone, Copy, Debug, Default)]
pub struct CpuTime {
    /// In the guest and the engine's code for it.
    pub user: Duration,
    /// In the kernel for it.
    pub system: Duration,
}

impl CpuTime {
    fn plus(self, other: Self) -> Self {
        Self {
            user: self.user + other.user,
            system: self.system + other.system,
        }
    }

    /// What thread `tid` has used. The total comes from the thread's clock, its division from the kernel's ticks,
    /// which are too coarse for the total.
    fn of_thread(tid: u32) -> Self {
        let total = ffi::thread::cpu_time(tid).unwrap_or_default();
        let (user, system) = ticks(tid).unwrap_or((1, 0));
        let system = match user + system {
            0 => Duration::ZERO,
            all => total.mul_f64(system as f64 / all as f64),
        };
        Self {
            user: total.saturating_sub(system),
            system,
        }
    }
}

/// utime and stime, fields 14 and 15; counted from behind the name, which may hold anything.
fn ticks(tid: u32) -> Option<(u64, u64)> {
    let stat = fs::read_to_string(format!("/proc/self/task/{tid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[derive(Default)]
struct Threads {
    alive: Vec<u32>,
    ended: CpuTime,
}

/// The threads of one guest: its own and the runtime's helpers.
#[derive(Default)]
pub struct ThreadTimes(Mutex<Threads>);

impl ThreadTimes {
    fn threads(&self) -> MutexGuard<'_, Threads> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The calling thread works for the guest from now on.
    pub fn enter(&self) {
        self.threads().alive.push(ffi::thread::own_id());
    }

    /// The calling thread no longer does; what it used stays on the bill.
    pub fn leave(&self) {
        let tid = ffi::thread::own_id();
        let mut threads = self.threads();
        if threads.alive.contains(&tid) {
            threads.alive.retain(|t| *t != tid);
            threads.ended = threads.ended.plus(CpuTime::of_thread(tid));
        }
    }

    /// CPU time of all threads, gone or alive.
    pub fn cpu_time(&self) -> CpuTime {
        let threads = self.threads();
        threads
            .alive
            .iter()
            .fold(threads.ended, |sum, tid| sum.plus(CpuTime::of_thread(*tid)))
    }

    /// How many threads work for the guest.
    pub fn count(&self) -> usize {
        self.threads().alive.len()
    }

    /// Wakes all threads out of the kernel. A thread leaves this list before it ends, so no other is hit.
    pub fn wake(&self) {
        self.threads().alive.iter().for_each(|tid| ffi::thread::wake(*tid));
    }

    /// Sets the nice value of all threads; those they start inherit it.
    pub fn set_nice(&self, nice: i32) {
        for tid in &self.threads().alive {
            if let Err(e) = ffi::thread::set_nice(*tid, nice) {
                eprintln!("set nice value {nice} of thread {tid}: {e}");
            }
        }
    }
}

/// Where the guest's exported memory lies, while it lies somewhere.
#[derive(Default)]
pub struct MemoryWindow(Mutex<Option<usize>>);

impl MemoryWindow {
    /// The memory begins at `base`; it never moves.
    pub fn open(&self, base: usize) {
        *self.base() = Some(base);
    }

    /// The memory is about to be given back.
    pub fn close(&self) {
        *self.base() = None;
    }

    /// Resident bytes of what `account` says is used, or all of it where the kernel does not tell.
    pub fn resident(&self, account: &Arc<MemoryAccount>) -> u64 {
        let used = account.used();
        let base = self.base();
        base.and_then(|b| ffi::memory::resident_bytes(b, usize::try_from(used).ok()?))
            .unwrap_or(used)
            .min(used)
    }

    fn base(&self) -> MutexGuard<'_, Option<usize>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
