//! The threads that work for a container and the CPU time they have used.

use super::nice::{HURRY, set_nice};
use crate::ffi;
use crate::lock::lock;
use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Worker {
    tid: u32,
    number: u32,
    helps: bool,
}

#[derive(Debug, Default)]
struct Threads {
    alive: Vec<Worker>,
    ended: CpuTime,
    ended_by_guest: BTreeMap<u32, Duration>,
}

/// The threads of one container, each with the number of the guest that it works for.
#[derive(Debug, Default)]
pub struct ThreadTimes(Mutex<Threads>);

impl ThreadTimes {
    /// The calling thread works for the guest of that number from now on.
    pub fn enter(&self, number: u32) {
        self.enter_as(number, false);
    }

    /// The same of one that waits in the kernel in the place of others.
    pub fn enter_to_help(&self, number: u32) {
        self.enter_as(number, true);
    }

    fn enter_as(&self, number: u32, helps: bool) {
        let tid = ffi::thread::own_id();
        lock(&self.0).alive.push(Worker { tid, number, helps });
    }

    /// The calling thread no longer does; what it used stays on the bill.
    pub fn leave(&self) {
        let tid = ffi::thread::own_id();
        let mut threads = lock(&self.0);
        if let Some(at) = threads.alive.iter().position(|w| w.tid == tid) {
            let number = threads.alive.remove(at).number;
            let time = CpuTime::of_thread(tid);
            threads.ended = threads.ended.plus(time);
            *threads.ended_by_guest.entry(number).or_default() += time.user + time.system;
        }
    }

    /// CPU time of all threads, gone or alive.
    pub fn cpu_time(&self) -> CpuTime {
        let threads = lock(&self.0);
        threads
            .alive
            .iter()
            .fold(threads.ended, |sum, w| sum.plus(CpuTime::of_thread(w.tid)))
    }

    /// The same undivided, which the kernel tells faster.
    pub fn total(&self) -> Duration {
        let threads = lock(&self.0);
        let alive = threads.alive.iter().filter_map(|w| ffi::thread::cpu_time(w.tid));
        alive.sum::<Duration>() + threads.ended.user + threads.ended.system
    }

    /// That of the threads of one guest.
    pub fn total_of(&self, number: u32) -> Duration {
        let threads = lock(&self.0);
        let own = threads.alive.iter().filter(|w| w.number == number);
        let alive: Duration = own.filter_map(|w| ffi::thread::cpu_time(w.tid)).sum();
        alive + threads.ended_by_guest.get(&number).copied().unwrap_or_default()
    }

    /// The guest is no longer known, and nobody asks for its part.
    pub fn forget(&self, number: u32) {
        lock(&self.0).ended_by_guest.remove(&number);
    }

    /// How many threads work for the container.
    pub fn count(&self) -> usize {
        lock(&self.0).alive.len()
    }

    /// Wakes the threads of one guest out of the kernel. A thread leaves this list before it ends, so no other is hit.
    pub fn wake(&self, number: u32) {
        let threads = lock(&self.0);
        let own = threads.alive.iter().filter(|w| w.number == number);
        own.for_each(|w| ffi::thread::wake(w.tid));
    }

    /// The same of those that help. How many there are.
    pub fn wake_helpers(&self, number: u32) -> usize {
        let threads = lock(&self.0);
        let own = threads.alive.iter().filter(|w| w.number == number && w.helps);
        own.map(|w| ffi::thread::wake(w.tid)).count()
    }

    /// Sets the nice value of all threads; those they start inherit it.
    pub fn set_nice(&self, nice: i32) {
        lock(&self.0).alive.iter().for_each(|w| set_nice(w.tid, nice));
    }

    /// Has the threads of one guest go before others, if the engine may do that.
    pub fn hurry(&self, number: u32) {
        let threads = lock(&self.0);
        let own = threads.alive.iter().filter(|w| w.number == number);
        own.for_each(|w| drop(ffi::thread::set_nice(w.tid, HURRY)));
    }
}
