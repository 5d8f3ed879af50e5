//! What a guest's store holds, and WASI preview 1: Wasmtime's implementation, with some functions of our own where its
//! answer is not what a container needs.

pub mod clocks;
pub mod filesystem;
pub mod interfaces;
pub mod linker;
pub mod lookup;
pub mod outgoing;
pub mod preview1;

use crate::account::limits::GuestLimiter;
use crate::network::Network;
use crate::wasi::clocks::deterministic::Clock;
use crate::wasi::interfaces::Interfaces;
use crate::wasi::outgoing::Outgoing;
use crate::wasi::preview1::directory::{self, Listings};
use crate::wasi::preview1::sockets::Sockets;
use crate::wasi::preview1::timers::Timers;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::{AsContextMut, Caller, Engine, Extern, Linker};
use wasmtime_wasi::p1::wasi_snapshot_preview1::WasiSnapshotPreview1;
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::{I32Exit, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};
use wiggle::GuestMemory;

/// The name of preview 1.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// What a guest's store holds, of whichever kind the guest is.
pub struct GuestState {
    /// Descriptors, arguments, clocks and so on; preview 1's stand upon those of 0.2.
    pub wasi: WasiP1Ctx,
    /// Answers whether memory may grow.
    pub limiter: GuestLimiter,
    /// Bounds of HTTP.
    pub http: WasiHttpCtx,
    /// The network of the pod, if the guest has one.
    pub network: Option<Arc<Network>>,
    /// What sends HTTP requests.
    pub outgoing: Outgoing,
    /// Its clock, if that is not the machine's.
    pub clock: Option<Clock>,
    /// What stands behind the interfaces that are not Wasmtime's.
    pub interfaces: Interfaces,
    /// Those of a preview 1 module that found some open.
    pub sockets: Sockets,
    /// Directories that a preview 1 module reads.
    pub listings: Listings,
}

impl WasiView for GuestState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.wasi.ctx()
    }
}

impl WasiHttpView for GuestState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.outgoing,
            table: self.wasi.ctx().table,
            ctx: &mut self.http,
        }
    }
}

/// Everything a preview 1 module may import.
///
/// # Errors
/// When a function cannot be defined.
pub fn linker(engine: &Engine) -> wasmtime::Result<Linker<GuestState>> {
    let mut linker = Linker::new(engine);
    p1::add_to_linker_async(&mut linker, |state: &mut GuestState| &mut state.wasi)?;
    linker.allow_shadowing(true);
    // Wasmtime's traps on 126 and above; as a container's exit code all of a byte is in use.
    linker.func_wrap(MODULE, "proc_exit", |status: i32| -> wasmtime::Result<()> {
        Err(I32Exit(status & 0xff).into())
    })?;
    linker.func_wrap_async(
        MODULE,
        "poll_oneoff",
        |caller: Caller<'_, GuestState>, arguments: (i32, i32, i32, i32)| Box::new(poll_oneoff(caller, arguments)),
    )?;
    directory::add_to_linker(&mut linker)?;
    linker.allow_shadowing(false);
    Ok(linker)
}

/// Wasmtime's sleeps in the kernel when a guest only waits for a while, and no signal ends that sleep. Ours waits
/// in the runtime, where it can be cancelled; everything else is Wasmtime's.
async fn poll_oneoff(
    mut caller: Caller<'_, GuestState>,
    (subscriptions, events, count, stored): (i32, i32, i32, i32),
) -> wasmtime::Result<i32> {
    let (bytes, state) = memory_and_state(&mut caller)?;
    let timers = state
        .clock
        .clone()
        .map(|clock| Timers::read(clock, bytes, subscriptions, count));
    if count == 1
        && let Some(sleep) = Sleep::read(bytes, subscriptions)
    {
        if sleep.clock > CLOCK_MONOTONIC {
            return Ok(ERRNO_INVAL);
        }
        require(bytes, events, EVENT_BYTES, 8)?;
        require(bytes, stored, 4, 4)?;
        tokio::time::sleep(sleep.time).await;
        sleep.report(bytes, events, stored);
        show(timers, bytes, events, stored);
        return Ok(0);
    }
    let mut memory = GuestMemory::Unshared(bytes);
    let (wasi, at) = (&mut state.wasi, (subscriptions, events, count, stored));
    let answer = p1::wasi_snapshot_preview1::poll_oneoff(wasi, &mut memory, at.0, at.1, at.2, at.3).await;
    if let (GuestMemory::Unshared(bytes), Ok(0)) = (memory, &answer) {
        show(timers, bytes, events, stored);
    }
    answer
}

fn show(timers: Option<Timers>, memory: &[u8], events: i32, stored: i32) {
    let count = memory.get(stored as u32 as usize..).and_then(<[u8]>::first_chunk);
    if let (Some(timers), Some(count)) = (timers, count) {
        timers.show(memory, events, i32::from_le_bytes(*count));
    }
}

/// What a call of the guest works on, with all of the fuel that copying for it may use.
///
/// # Errors
/// When the module exports no memory.
pub fn memory_and_state<'a>(
    caller: &'a mut Caller<'_, GuestState>,
) -> wasmtime::Result<(&'a mut [u8], &'a mut GuestState)> {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        wasmtime::bail!("missing required memory export");
    };
    let fuel = caller.as_context_mut().hostcall_fuel();
    let (bytes, state) = memory.data_and_store_mut(caller);
    state.wasi.set_hostcall_fuel(fuel);
    Ok((bytes, state))
}

/// The number of an error, which the guest gets, or the trap that ends it.
///
/// # Errors
/// The trap.
pub fn answer(result: Result<(), p1::types::Error>) -> wasmtime::Result<i32> {
    match result {
        Ok(()) => Ok(0),
        Err(error) => Ok(u16::from(error.downcast()?).into()),
    }
}

/// A subscription to a relative clock, as preview 1 lays it out: userdata 0..8, tag 8, clock 16..20, timeout 24..32,
/// flags 40..42; the event it ends with: userdata 0..8, error 8..10, type 10, the rest zero, 32 bytes in all.
struct Sleep {
    userdata: [u8; 8],
    clock: u32,
    /// How long.
    pub time: Duration,
}

const SUBSCRIPTION_BYTES: usize = 48;
const EVENT_BYTES: usize = 32;
const TAG_CLOCK: u8 = 0;
const SUBSCRIPTION_ALIGNMENT: u32 = 8;
/// Clocks are the real time, the monotonic one, and two of CPU time, which cannot be waited for.
const CLOCK_MONOTONIC: u32 = 1;
const CLOCKS: u32 = 4;
const ERRNO_INVAL: i32 = 28;

impl Sleep {
    /// The subscription at `at`. None if it is anything else, or not well formed: then Wasmtime's answer comes without
    /// a sleep.
    fn read(memory: &[u8], at: i32) -> Option<Self> {
        let bytes = memory.get(at as u32 as usize..)?.get(..SUBSCRIPTION_BYTES)?;
        let flags = u16::from_le_bytes(bytes[40..42].try_into().ok()?);
        let clock = u32::from_le_bytes(bytes[16..20].try_into().ok()?);
        let aligned = (at as u32).is_multiple_of(SUBSCRIPTION_ALIGNMENT);
        if bytes[8] != TAG_CLOCK || flags != 0 || clock >= CLOCKS || !aligned {
            return None;
        }
        let nanos = u64::from_le_bytes(bytes[24..32].try_into().ok()?);
        Some(Self {
            userdata: bytes[..8].try_into().ok()?,
            clock,
            time: Duration::from_nanos(nanos),
        })
    }

    fn report(&self, memory: &mut [u8], events: i32, stored: i32) {
        let mut event = [0u8; EVENT_BYTES];
        event[..8].copy_from_slice(&self.userdata);
        for (at, bytes) in [(events, &event[..]), (stored, &1u32.to_le_bytes())] {
            let start = at as u32 as usize;
            memory[start..start + bytes.len()].copy_from_slice(bytes);
        }
    }
}

/// Traps unless a guest's pointer is one: a bad one would otherwise be found only after the sleep.
fn require(memory: &[u8], at: i32, bytes: usize, alignment: u32) -> wasmtime::Result<()> {
    let start = at as u32;
    if !start.is_multiple_of(alignment) || start as usize + bytes > memory.len() {
        wasmtime::bail!("poll_oneoff: no {bytes} aligned bytes of memory at {start:#x}");
    }
    Ok(())
}
