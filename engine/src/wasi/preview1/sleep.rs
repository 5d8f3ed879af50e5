//! `poll_oneoff` of a guest without sockets: a mere sleep is ours, everything else Wasmtime's.

use super::state::Preview1;
use super::timers::Timers;
use std::time::Duration;
use wasmtime_wasi::p1::wasi_snapshot_preview1;
use wiggle::GuestMemory;

/// Wasmtime's sleeps in the kernel when a guest only waits for a while, and no signal ends that sleep. Ours waits
/// in the runtime, where it can be cancelled; everything else is Wasmtime's.
pub async fn poll_oneoff(
    (bytes, state): (&mut [u8], &mut Preview1),
    (subscriptions, events, count, stored): (i32, i32, i32, i32),
) -> wasmtime::Result<i32> {
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
    let answer = wasi_snapshot_preview1::poll_oneoff(wasi, &mut memory, at.0, at.1, at.2, at.3).await;
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
