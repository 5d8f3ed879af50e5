//! What a guest may have: memory within its container's limit, and counts that protect the engine itself.

use super::memory::MemoryShare;
use std::sync::Arc;
use wasmtime::ResourceLimiter;

/// The largest compiled file the engine maps.
pub const MAX_PROGRAM_BYTES: u64 = 4 << 30;
const MAX_HANDLES: usize = 1024;
const MIN_HANDLES: usize = 64;
/// Guests that may hold all they are allowed to before the process has no descriptors left for others.
const HOARDERS: u64 = 64;
/// Unless a policy says otherwise. A core module is one; languages with a runtime make components of dozens.
const MAX_INSTANCES: usize = 256;
const MAX_MEMORIES: usize = 16;
const MAX_TABLES: usize = 64;
const MAX_TABLE_ELEMENTS: usize = 10_000_000;
/// What one element of a table counts as.
const TABLE_ELEMENT_BYTES: u64 = 16;

/// Open descriptors and other handles a guest may hold at once, where the process may have `descriptors`.
pub fn max_handles(descriptors: u64) -> usize {
    let share = usize::try_from(descriptors / HOARDERS).unwrap_or(MAX_HANDLES);
    share.clamp(MIN_HANDLES, MAX_HANDLES)
}

/// Wasmtime's question "may it grow", answered from the account. Asked by the guest's own thread alone.
pub struct GuestLimiter {
    share: Arc<MemoryShare>,
    last: u64,
    instances: usize,
}

impl GuestLimiter {
    /// A limiter that books on `share`, and lets there be as many core instances as the policy says.
    pub fn new(share: Arc<MemoryShare>, instances: Option<usize>) -> Self {
        Self {
            share,
            last: 0,
            instances: instances.unwrap_or(MAX_INSTANCES),
        }
    }

    /// Where it books.
    pub fn share(&self) -> &Arc<MemoryShare> {
        &self.share
    }

    fn grow(&mut self, bytes: u64) -> bool {
        let granted = self.share.grow(bytes);
        self.last = if granted { bytes } else { 0 };
        granted
    }

    fn take_back(&mut self) {
        self.share.take_back(std::mem::take(&mut self.last));
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
        self.instances
    }

    fn tables(&self) -> usize {
        MAX_TABLES
    }

    fn memories(&self) -> usize {
        MAX_MEMORIES
    }
}

#[cfg(test)]
mod tests {
    use super::max_handles;

    #[test]
    fn handles_are_a_share_of_what_the_process_may_open() {
        assert_eq!(max_handles(1_048_576), 1024);
        assert_eq!(max_handles(u64::MAX), 1024);
        assert_eq!(max_handles(20_000), 312);
        assert_eq!(max_handles(1024), 64);
    }
}
