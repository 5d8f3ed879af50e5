//! What a guest may have: memory of all its instances together, and counts that protect the engine itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use wasmtime::ResourceLimiter;

/// The largest compiled file the engine maps.
pub const MAX_PROGRAM_BYTES: u64 = 4 << 30;
/// Open descriptors and other handles a guest may hold at once.
pub const MAX_HANDLES: usize = 1024;
const MAX_INSTANCES: usize = 16;
const MAX_MEMORIES: usize = 16;
const MAX_TABLES: usize = 64;
const MAX_TABLE_ELEMENTS: usize = 10_000_000;
/// What one element of a table counts as.
const TABLE_ELEMENT_BYTES: u64 = 16;

/// The account of one guest's linear memories and tables, readable while the guest runs. Bytes everywhere.
#[derive(Default)]
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

    /// Changes the limit. What the guest has beyond it stays; it only cannot grow.
    pub fn set_limit(&self, limit: u64) {
        self.limit.store(limit, Relaxed);
    }

    /// The limit in force; 0 is none.
    pub fn limit(&self) -> u64 {
        self.limit.load(Relaxed)
    }

    /// What the guest has now.
    pub fn used(&self) -> u64 {
        self.used.load(Relaxed)
    }

    /// The most it ever had.
    pub fn peak(&self) -> u64 {
        self.peak.load(Relaxed)
    }

    /// Growths refused for the limit.
    pub fn refusals(&self) -> u64 {
        self.refusals.load(Relaxed)
    }

    /// The guest's memory has been given back.
    pub fn release(&self) {
        self.used.store(0, Relaxed);
    }

    fn grow(&self, bytes: u64) -> bool {
        let limit = self.limit();
        let wanted = self.used().saturating_add(bytes);
        if limit != 0 && wanted > limit {
            self.refusals.fetch_add(1, Relaxed);
            return false;
        }
        self.used.store(wanted, Relaxed);
        self.peak.fetch_max(wanted, Relaxed);
        true
    }

    fn take_back(&self, bytes: u64) {
        self.used.store(self.used().saturating_sub(bytes), Relaxed);
    }
}

/// Wasmtime's question "may it grow", answered from the account. Asked by the guest's own thread alone.
pub struct GuestLimiter {
    account: Arc<MemoryAccount>,
    last: u64,
}

impl GuestLimiter {
    /// A limiter that books on `account`.
    pub fn new(account: Arc<MemoryAccount>) -> Self {
        Self { account, last: 0 }
    }

    fn grow(&mut self, bytes: u64) -> bool {
        let granted = self.account.grow(bytes);
        self.last = if granted { bytes } else { 0 };
        granted
    }

    fn take_back(&mut self) {
        self.account.take_back(std::mem::take(&mut self.last));
    }
}

impl ResourceLimiter for GuestLimiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|m| desired > m) {
            self.last = 0;
            return Ok(false);
        }
        Ok(self.grow((desired - current) as u64))
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.take_back();
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if desired > maximum.unwrap_or(usize::MAX).min(MAX_TABLE_ELEMENTS) {
            self.last = 0;
            return Ok(false);
        }
        Ok(self.grow((desired - current) as u64 * TABLE_ELEMENT_BYTES))
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.take_back();
        Ok(())
    }

    fn instances(&self) -> usize {
        MAX_INSTANCES
    }

    fn tables(&self) -> usize {
        MAX_TABLES
    }

    fn memories(&self) -> usize {
        MAX_MEMORIES
    }
}
