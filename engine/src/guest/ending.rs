//! The end of a guest: by itself, by force, or left behind in the kernel; reported once, after those that joined it.

use super::host::Host;
use super::{Guest, Phase};
use crate::account::policy::TimeBounds;
use crate::control::exit::Exit;
use futures::future::{BoxFuture, join_all};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

const SIGKILL: u8 = libc::SIGKILL as u8;

/// Runs the guest behind a border that panics do not cross, and reports its end unless that was done already. On the
/// guest's own thread.
pub fn run_and_report(guest: &Arc<Guest>, host: &Arc<Host>, run: impl FnOnce() -> Option<Exit>) {
    let exit = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(None) => return,
        Ok(Some(exit)) => exit,
        Err(payload) => Exit::panic(&*payload),
    };
    guest.control.ended();
    guest.memory.release();
    guest.container.cpu.threads.leave();
    host.tasks.block_on(async {
        dismiss_helpers(guest).await;
        report(guest, host, exit).await;
    });
}

/// What no longer has a runtime ends, but for what waits in the kernel: that is woken until it leaves, and left behind
/// if it does not.
async fn dismiss_helpers(guest: &Guest) {
    const PATIENCE: Duration = Duration::from_millis(500);
    let mut pause = Duration::from_micros(100);
    let begin = Instant::now();
    while guest.container.cpu.threads.wake_helpers(guest.number) > 0 && begin.elapsed() < PATIENCE {
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
}

/// Ends a running guest that does not end by itself: wakes its threads out of the kernel until they leave, and after
/// a while reports the end without them. Returns when the end has been reported.
pub async fn enforce(guest: &Arc<Guest>, n: u8, host: &Arc<Host>) {
    const ROUND: Duration = Duration::from_millis(45);
    const ROUNDS: u32 = 20;
    let mut exited = guest.watch();
    guest.container.cpu.hurry(guest.number);
    for _ in 0..ROUNDS {
        host.call_to_check();
        let end = exited.wait_for(|phase| *phase == Phase::Exited);
        if tokio::time::timeout(ROUND, end).await.is_ok() {
            return;
        }
        guest.container.cpu.threads.wake(guest.number);
    }
    let mut exit = Exit::signal(n);
    exit.cause = "its thread did not come back from the kernel and was left behind".to_owned();
    guest.abandon();
    report(guest, host, exit).await;
}

/// Ends the guest and sees to it that it does end.
pub fn end(guest: &Arc<Guest>, n: u8, host: &Arc<Host>) {
    guest.control.end(n);
    let (guest, host) = (guest.clone(), host.clone());
    host.clone().tasks.spawn(async move { enforce(&guest, n, &host).await });
}

/// Ends the guest once it has met one of its bounds, and sees to it that it does end. Goes on until it is aborted.
pub async fn expire(guest: Arc<Guest>, bounds: TimeBounds, host: Arc<Host>) {
    let used = || guest.container.cpu.threads.total_of(guest.number);
    let expiry = bounds.met(used).await;
    let n = expiry.signal;
    guest.control.expire(expiry);
    // Not in this task, which is aborted with the guest's end and not with the report of it.
    host.tasks.spawn({
        let host = host.clone();
        async move { enforce(&guest, n, &host).await }
    });
}

/// The first to come reports the end. With its first guest a container ends, so the others end before.
async fn report(guest: &Arc<Guest>, host: &Arc<Host>, exit: Exit) {
    if !guest.claim_end() {
        return;
    }
    if guest.is_first() {
        guest.container.close();
        end_others(guest, host).await;
    }
    guest.container.oom_kills.fetch_add(exit.oom_killed.into(), Relaxed);
    guest.exited(|| host.exits.push(&guest.id, exit));
}

fn end_others(first: &Guest, host: &Arc<Host>) -> BoxFuture<'static, ()> {
    let mut others = first.container.guests();
    others.retain(|g| !g.is_first() && g.phase() != Phase::Exited);
    others.iter().for_each(|g| g.control.end(SIGKILL));
    // On the engine's own thread: the first guest's may not touch priorities any more.
    let enforced: Vec<_> = others
        .into_iter()
        .map(|guest| {
            let host = host.clone();
            host.clone()
                .tasks
                .spawn(async move { enforce(&guest, SIGKILL, &host).await })
        })
        .collect();
    Box::pin(async move {
        join_all(enforced).await;
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::container::Container;
    use crate::program::Programs;
    use crate::proto::engine::Limits;
    use crate::wasmtime_engine::{Wasi3, engines};

    #[tokio::test]
    async fn a_panic_ends_its_guest_once() {
        let host = Host::new(Programs::new(engines(Wasi3::Off).unwrap()).unwrap()).unwrap();
        let guest = Container::new("g", &Limits::new(), host.pacer.clone()).found();
        let (thread_guest, thread_host) = (guest.clone(), host.clone());
        let twice = move || {
            run_and_report(&thread_guest, &thread_host, || panic!("so it goes"));
            run_and_report(&thread_guest, &thread_host, || panic!("again"));
        };
        tokio::task::spawn_blocking(twice).await.unwrap();
        let exited = host.exits.next().await;
        assert_eq!((exited.id.as_str(), exited.exit.status), ("g", 134));
        assert!(exited.exit.cause.contains("so it goes"), "{}", exited.exit.cause);
        let more = tokio::time::timeout(Duration::from_millis(10), host.exits.next()).await;
        assert!(more.is_err());
    }
}
