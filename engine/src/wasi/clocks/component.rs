//! Sleeps of components: Wasmtime's, unless the guest's clock is deterministic and has to be moved on by them. Those of
//! WASI 0.3 are all ours.

use super::deterministic::Clock;
use crate::wasi::GuestState;
use std::time::Duration;
use tokio::time::Instant;
use wasmtime::StoreContextMut;
use wasmtime::component::{Accessor, Linker, Resource};
use wasmtime_wasi::clocks::WasiClocksView;
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock::Host;
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};
use wasmtime_wasi::{HostMonotonicClock, WasiView};

/// The very name under which Wasmtime defines the interface.
const NAME: &str = "wasi:clocks/monotonic-clock@0.2.12";
/// The same of WASI 0.3.
const NAME3: &str = "wasi:clocks/monotonic-clock@0.3.0";

type Sleep = wasmtime::Result<(Resource<DynPollable>,)>;

/// Puts the two functions in the place of Wasmtime's.
pub fn add_to_linker(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut interface = linker.instance(NAME)?;
    interface.func_wrap("subscribe-duration", |mut store, (nanos,)| for_time(&mut store, nanos))?;
    interface.func_wrap("subscribe-instant", |mut store, (when,)| until(&mut store, when))?;
    linker.allow_shadowing(false);
    Ok(())
}

/// Does the same with the two of WASI 0.3.
pub fn add_wasi3_to_linker(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut interface = linker.instance(NAME3)?;
    interface.func_wrap_concurrent("wait-for", |store, (nanos,): (u64,)| {
        Box::pin(wait(store, move |_| nanos))
    })?;
    interface.func_wrap_concurrent("wait-until", |store, (when,): (u64,)| {
        Box::pin(wait(store, move |state| {
            when.saturating_sub(state.clocks().now().unwrap_or(when))
        }))
    })?;
    linker.allow_shadowing(false);
    Ok(())
}

/// Waits as long as there is to wait; the deterministic clock moves with it.
async fn wait(store: &Accessor<GuestState>, time: impl FnOnce(&mut GuestState) -> u64) -> wasmtime::Result<()> {
    let (nanos, clock) = store.with(|mut access| {
        let state = access.get();
        (time(state), state.preview1.clock.clone())
    });
    let shows = clock.as_ref().map(|clock| clock.after(nanos));
    until_passed(Instant::now().checked_add(Duration::from_nanos(nanos))).await;
    if let (Some(clock), Some(shows)) = (clock, shows) {
        clock.reach(shows);
    }
    Ok(())
}

fn for_time(store: &mut StoreContextMut<'_, GuestState>, nanos: u64) -> Sleep {
    let state = store.data_mut();
    match state.preview1.clock.clone() {
        Some(clock) => sleep(state, clock, nanos),
        None => Ok((state.clocks().subscribe_duration(nanos)?,)),
    }
}

fn until(store: &mut StoreContextMut<'_, GuestState>, when: u64) -> Sleep {
    let state = store.data_mut();
    match state.preview1.clock.clone() {
        Some(clock) => {
            let nanos = when.saturating_sub(clock.now());
            sleep(state, clock, nanos)
        }
        None => Ok((state.clocks().subscribe_instant(when)?,)),
    }
}

fn sleep(state: &mut GuestState, clock: Clock, nanos: u64) -> Sleep {
    let sleeper = Sleeper {
        until: Instant::now().checked_add(Duration::from_nanos(nanos)),
        shows: clock.after(nanos),
        clock,
    };
    let table = state.ctx().table;
    let sleeper = table.push(sleeper)?;
    Ok((subscribe(table, sleeper)?,))
}

/// Ends at `until`, or never if that is too far away to be told, and then the clock shows at least `shows`.
struct Sleeper {
    until: Option<Instant>,
    shows: u64,
    clock: Clock,
}

#[wasmtime_wasi::async_trait]
impl Pollable for Sleeper {
    async fn ready(&mut self) {
        until_passed(self.until).await;
        self.clock.reach(self.shows);
    }
}

async fn until_passed(until: Option<Instant>) {
    match until {
        Some(until) if until <= Instant::now() => tokio::task::yield_now().await,
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}
