//! Exits wait here until the daemon collects them.

use crate::control::exit::Exit;
use crate::lock::lock;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::Notify;

/// An exit with its guest and its one time.
#[derive(Clone, Debug)]
pub struct Exited {
    /// The guest.
    pub id: String,
    /// How it ended.
    pub exit: Exit,
    /// Unix time in nanoseconds.
    pub at_ns: i64,
}

/// The queue between guests' threads and the one `NextExit`.
#[derive(Default)]
pub struct Exits {
    queue: Mutex<VecDeque<Exited>>,
    arrived: Notify,
}

impl Exits {
    /// Queues an exit; its time is now.
    pub fn push(&self, id: &str, exit: Exit) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        lock(&self.queue).push_back(Exited {
            id: id.to_owned(),
            exit,
            at_ns: i64::try_from(now.as_nanos()).unwrap_or(i64::MAX),
        });
        self.arrived.notify_one();
    }

    /// The next exit, waited for. An exit is only taken by a call that returns it.
    pub async fn next(&self) -> Exited {
        loop {
            let arrived = self.arrived.notified();
            if let Some(exited) = lock(&self.queue).pop_front() {
                // Another one may have come with the same notice.
                self.arrived.notify_one();
                return exited;
            }
            arrived.await;
        }
    }
}
