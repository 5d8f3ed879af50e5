//! What the guests of a container have of linear memories and tables. Bytes everywhere.

use crate::ffi;
use crate::lock::lock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

/// The account of a container, readable while its guests run.
#[derive(Debug, Default)]
pub struct MemoryAccount {
    limit: AtomicU64,
    used: AtomicU64,
    peak: AtomicU64,
    refusals: AtomicU64,
}

impl MemoryAccount {
    /// An account with a limit; 0 is none.
    pub fn new(limit: u64) -> Arc<Self> {
        let account = Self::default();
        account.set_limit(limit);
        Arc::new(account)
    }

    /// Changes the limit. What the guests have beyond it stays; they only cannot grow.
    pub fn set_limit(&self, limit: u64) {
        self.limit.store(limit, Relaxed);
    }

    /// The limit in force; 0 is none.
    pub fn limit(&self) -> u64 {
        self.limit.load(Relaxed)
    }

    /// What the guests have now.
    pub fn used(&self) -> u64 {
        self.used.load(Relaxed)
    }

    /// The most they ever had.
    pub fn peak(&self) -> u64 {
        self.peak.load(Relaxed)
    }

    /// Growths refused for the limit.
    pub fn refusals(&self) -> u64 {
        self.refusals.load(Relaxed)
    }

    /// Books a growth; false if the limit does not allow it.
    pub fn book(&self, bytes: u64) -> bool {
        let limit = self.limit();
        let fits = |used: u64| used.checked_add(bytes).filter(|all| limit == 0 || *all <= limit);
        match self.used.fetch_update(Relaxed, Relaxed, fits) {
            Ok(before) => {
                self.peak.fetch_max(before + bytes, Relaxed);
                true
            }
            Err(_) => {
                self.refusals.fetch_add(1, Relaxed);
                false
            }
        }
    }

    /// What was booked is not needed any more.
    pub fn give_back(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Relaxed);
    }
}

/// One guest's part of its container's account, and where in this process it lies.
#[derive(Debug)]
pub struct MemoryShare {
    account: Arc<MemoryAccount>,
    limit: u64,
    used: AtomicU64,
    refusals: AtomicU64,
    base: Mutex<Option<usize>>,
}

impl MemoryShare {
    /// A share of `account` with nothing in it.
    pub fn new(account: Arc<MemoryAccount>) -> Arc<Self> {
        Self::bounded(account, 0)
    }

    /// A share of `account` that may have `limit` bytes of it; 0 is no limit of its own.
    pub fn bounded(account: Arc<MemoryAccount>, limit: u64) -> Arc<Self> {
        Arc::new(Self {
            account,
            limit,
            used: AtomicU64::new(0),
            refusals: AtomicU64::new(0),
            base: Mutex::new(None),
        })
    }

    /// The container's account.
    pub fn account(&self) -> &Arc<MemoryAccount> {
        &self.account
    }

    /// The most it may have, its own or the account's; 0 is no limit.
    pub fn limit(&self) -> u64 {
        match (self.limit, self.account.limit()) {
            (0, limit) | (limit, 0) => limit,
            (own, shared) => own.min(shared),
        }
    }

    /// Growths this guest was refused.
    pub fn refusals(&self) -> u64 {
        self.refusals.load(Relaxed)
    }

    /// Books a growth; false if the container's limit does not allow it.
    pub fn grow(&self, bytes: u64) -> bool {
        let within = self.limit == 0 || self.used().saturating_add(bytes) <= self.limit;
        let granted = within && self.account.book(bytes);
        let counter = if granted { &self.used } else { &self.refusals };
        counter.fetch_add(if granted { bytes } else { 1 }, Relaxed);
        granted
    }

    /// Bytes it has.
    pub fn used(&self) -> u64 {
        self.used.load(Relaxed)
    }

    /// What was booked is not there: a growth did not happen, or its end has come. After [`Self::release`] nothing is
    /// left to take back.
    pub fn take_back(&self, bytes: u64) {
        let take = |used: u64| Some(used.saturating_sub(bytes));
        let before = self.used.fetch_update(Relaxed, Relaxed, take).unwrap_or_default();
        self.account.give_back(before.min(bytes));
    }

    /// The guest's exported memory begins at `base`; it never moves.
    pub fn open(&self, base: usize) {
        *lock(&self.base) = Some(base);
    }

    /// The memory is about to be given back: from now on nobody asks the kernel about its addresses.
    pub fn close(&self) {
        *lock(&self.base) = None;
    }

    /// Everything has been given back.
    pub fn release(&self) {
        self.close();
        let bytes = self.used.swap(0, Relaxed);
        self.account.give_back(bytes);
    }

    /// Bytes in memory of what the share has, or all of it where nobody can tell: a component does not show where its
    /// memories lie.
    pub fn resident(&self) -> u64 {
        let used = self.used.load(Relaxed);
        let base = lock(&self.base);
        base.and_then(|b| ffi::memory::resident_bytes(b, usize::try_from(used).ok()?))
            .unwrap_or(used)
            .min(used)
    }
}

/// What the engine itself holds for a guest, for as long as that is so.
#[derive(Debug)]
pub struct Booked {
    share: Arc<MemoryShare>,
    bytes: u64,
}

impl Booked {
    /// Books it; none if the container's limit does not allow it.
    pub fn on(share: &Arc<MemoryShare>, bytes: u64) -> Option<Self> {
        let share = share.clone();
        // Made only if it was booked, for it takes back when it goes.
        share.grow(bytes).then(|| Self { share, bytes })
    }
}

impl Drop for Booked {
    fn drop(&mut self) {
        self.share.take_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_one_account_meet_one_limit_and_give_back_only_their_own() {
        let account = MemoryAccount::new(100);
        let (one, two) = (MemoryShare::new(account.clone()), MemoryShare::new(account.clone()));
        assert!(one.grow(60) && !two.grow(41) && two.grow(40));
        assert_eq!((account.used(), account.peak(), account.refusals()), (100, 100, 1));
        assert_eq!((one.refusals(), two.refusals()), (0, 1));
        one.release();
        one.release();
        assert_eq!(account.used(), 40);
        account.set_limit(0);
        assert!(one.grow(u64::MAX - 40) && !one.grow(1));
    }
}
