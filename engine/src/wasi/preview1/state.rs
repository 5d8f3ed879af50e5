//! What stands behind preview 1 in a guest's store, and how a call of the guest gets at it.

use super::listings::Listings;
use super::sockets::Sockets;
use crate::account::memory::MemoryShare;
use crate::wasi::clocks::deterministic::Clock;
use std::sync::Arc;
use wasmtime::{AsContextMut, Caller, Extern};
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::p1::wasi_snapshot_preview1::WasiSnapshotPreview1;

/// The name of preview 1.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// Preview 1 of one guest: Wasmtime's, and what is beside it.
pub struct Preview1 {
    /// Descriptors, arguments, clocks and so on; they stand upon those of WASI 0.2.
    pub wasi: WasiP1Ctx,
    /// Its clock, if that is not the machine's.
    pub clock: Option<Clock>,
    /// The sockets that it found open, and those of their connections.
    pub sockets: Sockets,
    /// The directories that it reads.
    pub listings: Listings,
    /// Where its listings are booked.
    pub memory: Arc<MemoryShare>,
}

impl Preview1 {
    /// That of a guest which found no socket open.
    pub fn new(wasi: WasiP1Ctx, clock: Option<Clock>, memory: Arc<MemoryShare>) -> Self {
        Self {
            wasi,
            clock,
            sockets: Sockets::default(),
            listings: Listings::default(),
            memory,
        }
    }
}

/// Where a store of `T` has its preview 1.
pub type View<T> = fn(&mut T) -> &mut Preview1;

/// What a call of the guest works on, with all of the fuel that copying for it may use.
///
/// # Errors
/// When the module exports no memory.
pub fn memory_and_state<'a, T: 'static>(
    caller: &'a mut Caller<'_, T>,
    view: View<T>,
) -> wasmtime::Result<(&'a mut [u8], &'a mut Preview1)> {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        wasmtime::bail!("missing required memory export");
    };
    let fuel = caller.as_context_mut().hostcall_fuel();
    let (bytes, state) = memory.data_and_store_mut(caller);
    let state = view(state);
    state.wasi.set_hostcall_fuel(fuel);
    Ok((bytes, state))
}
