//! Mutexes of plain values.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A mutex whose holder panicked still guards plain values that are valid at any time.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
