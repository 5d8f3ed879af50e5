//! The CPU time of one request: its instance runs between those of others on the same thread, so it is measured from
//! poll to poll.

use crate::account::policy::cpu_cause;
use crate::ffi;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

/// What a request has used, and when it was last given the CPU. Asked by the thread that runs it alone.
#[derive(Debug)]
pub struct Meter {
    bound: Option<Duration>,
    used: AtomicU64,
    since: AtomicU64,
}

fn now() -> u64 {
    let time = ffi::thread::cpu_time(ffi::thread::own_id()).unwrap_or_default();
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl Meter {
    /// Nothing used yet.
    pub fn new(bound: Option<Duration>) -> Arc<Self> {
        Arc::new(Self {
            bound,
            used: AtomicU64::new(0),
            since: AtomicU64::new(0),
        })
    }

    /// Begins anew, for another request.
    pub fn restart(&self) {
        self.used.store(0, Relaxed);
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// When it has used up its time.
    pub fn check(&self) -> wasmtime::Result<()> {
        let Some(bound) = self.bound else { return Ok(()) };
        let used = self.used.load(Relaxed) + now().saturating_sub(self.since.load(Relaxed));
        if u128::from(used) < bound.as_nanos() {
            return Ok(());
        }
        wasmtime::bail!("{}", cpu_cause(bound))
    }

    /// Runs `work` on this meter.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        std::future::poll_fn(|context| self.slice(work.as_mut(), context)).await
    }

    fn slice<T>(&self, work: Pin<&mut impl Future<Output = T>>, context: &mut Context<'_>) -> Poll<T> {
        if self.bound.is_none() {
            return work.poll(context);
        }
        self.since.store(now(), Relaxed);
        let answer = work.poll(context);
        self.used
            .fetch_add(now().saturating_sub(self.since.load(Relaxed)), Relaxed);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_one_computes_is_on_its_own_bill() {
        let (busy, idle) = (
            Meter::new(Some(Duration::from_millis(2))),
            Meter::new(Some(Duration::from_millis(2))),
        );
        let compute = async {
            while busy.check().is_ok() {
                std::hint::spin_loop();
            }
        };
        let watch = async {
            tokio::task::yield_now().await;
            idle.check().is_ok()
        };
        let ((), good) = tokio::join!(busy.run(compute), idle.run(watch));
        assert!(good);
        assert!(busy.check().unwrap_err().to_string().contains("CPU time of 2 ms"));
    }
}
