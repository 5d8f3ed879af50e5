//! The engine's one thread that looks after CPU quotas: it moves the epoch when a container has used up its quota,
//! so that its guests come to their checks, and sleeps while none with a quota is running.

use crate::lock::lock;
use crate::wasmtime_engine::epochs::Epochs;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// The shortest time between two looks; what is used beyond the quota meanwhile is owed.
const SHORTEST: Duration = Duration::from_micros(500);

/// A container as the thread sees it.
pub trait Paced: Send + Sync {
    /// Whether it has a quota.
    fn is_governed(&self) -> bool;
    /// The shortest time in which its running guests can use up the quota; none while none runs.
    fn time_left(&self, now: Instant) -> Option<Duration>;
}

type Governed = Vec<Weak<dyn Paced>>;

/// The containers with a quota, and the sleep of the thread that watches them.
pub struct Pacer {
    epochs: Arc<Epochs>,
    governed: Mutex<Governed>,
    changed: Condvar,
    idle: AtomicBool,
}

impl Pacer {
    /// Starts the thread, which lives as long as the process.
    ///
    /// # Errors
    /// When there can be no more threads.
    pub fn start(epochs: Arc<Epochs>) -> std::io::Result<Arc<Self>> {
        let pacer = Arc::new(Self {
            epochs,
            governed: Mutex::default(),
            changed: Condvar::new(),
            idle: AtomicBool::new(false),
        });
        let own = pacer.clone();
        thread::Builder::new()
            .name("cpu-pacer".to_owned())
            .spawn(move || own.pace())?;
        Ok(pacer)
    }

    /// Watches a container's quota from now on, once.
    pub fn watch(&self, account: Arc<dyn Paced>) {
        let mut governed = lock(&self.governed);
        let account = Arc::downgrade(&account);
        if !governed.iter().any(|known| known.ptr_eq(&account)) {
            governed.push(account);
        }
        self.changed.notify_one();
    }

    /// A container with a quota has begun to run.
    pub fn rouse(&self) {
        if self.idle.load(SeqCst) {
            drop(lock(&self.governed));
            self.changed.notify_one();
        }
    }

    fn pace(&self) {
        let mut governed = lock(&self.governed);
        loop {
            governed = match next_look(&mut governed) {
                None => self.sleep(governed),
                Some(left) => {
                    if left < SHORTEST {
                        self.epochs.advance();
                    }
                    let woken = self.changed.wait_timeout(governed, left.max(SHORTEST));
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Sleeps until a container begins to run. One that began before it could see us idle is seen by the second look.
    fn sleep<'a>(&self, mut governed: MutexGuard<'a, Governed>) -> MutexGuard<'a, Governed> {
        self.idle.store(true, SeqCst);
        if next_look(&mut governed).is_none() {
            governed = self.changed.wait(governed).unwrap_or_else(PoisonError::into_inner);
        }
        self.idle.store(false, SeqCst);
        governed
    }
}

/// The earliest time at which a running container can have used up its quota; none while none is running.
fn next_look(governed: &mut Governed) -> Option<Duration> {
    let now = Instant::now();
    let mut next = None;
    governed.retain(|account| match account.upgrade() {
        Some(account) if account.is_governed() => {
            next = [next, account.time_left(now)].into_iter().flatten().min();
            true
        }
        _ => false,
    });
    next
}
