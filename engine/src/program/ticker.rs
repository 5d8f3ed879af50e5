//! The engine's one thread that has instances of services make way for each other: while any of them works it moves
//! the epoch, at which they yield.

use crate::lock::lock;
use crate::wasmtime_engine::epochs::Epochs;
use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How long an instance may compute before others of its service have their turn.
const TURN: Duration = Duration::from_millis(5);

/// How many instances work, and the sleep of the thread that lets them take turns.
#[derive(Default)]
pub struct Ticker {
    working: Mutex<usize>,
    changed: Condvar,
}

/// Held by an instance while it works.
pub struct Working(Arc<Ticker>);

impl Ticker {
    /// Starts the thread, which lives as long as the process and sleeps until there is a first request.
    ///
    /// # Errors
    /// When there can be no more threads.
    pub fn start(epochs: Arc<Epochs>) -> io::Result<Arc<Self>> {
        let ticker = Arc::<Self>::default();
        let own = ticker.clone();
        let body = move || {
            loop {
                own.wait_for_work();
                thread::sleep(TURN);
                epochs.advance();
            }
        };
        thread::Builder::new().name("http-ticker".to_owned()).spawn(body)?;
        Ok(ticker)
    }

    fn wait_for_work(&self) {
        let mut working = lock(&self.working);
        while *working == 0 {
            working = self.changed.wait(working).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Counts an instance that works, until the answer is dropped.
    pub fn work(self: &Arc<Self>) -> Working {
        let mut working = lock(&self.working);
        *working += 1;
        if *working == 1 {
            self.changed.notify_one();
        }
        Working(self.clone())
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        *lock(&self.0.working) -= 1;
    }
}
