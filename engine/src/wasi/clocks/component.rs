//! Sleeps of components: Wasmtime's, unless the guest's clock is deterministic and has to be moved on by them. Those of
//! WASI 0.3 are all ours.

use super::deterministic::Clock;
use std::time::Duration;
use tokio::time::Instant;
use wasmtime::StoreContextMut;
use wasmtime::component::{Accessor, Linker, Resource, ResourceTable};
use wasmtime_wasi::clocks::{WasiClocksCtxView, WasiClocksView};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock::Host;
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};
use wasmtime_wasi::{HostMonotonicClock, WasiView};

/// The very name under which Wasmtime defines the interface.
const NAME: &str = "wasi:clocks/monotonic-clock@0.2.12";
/// The same of WASI 0.3.
const NAME3: &str = "wasi:clocks/monotonic-clock@0.3.0";

type Sleep = wasmtime::Result<(Resource<DynPollable>,)>;

/// The deterministic clock of a store, if it has one.
pub type View<T> = fn(&T) -> Option<&Clock>;

/// Puts the two functions in the place of Wasmtime's.
///
/// # Errors
/// When one cannot be defined.
pub fn add_to_linker<T: WasiView + 'static>(linker: &mut Linker<T>, view: View<T>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut interface = linker.instance(NAME)?;
    interface.func_wrap(
        "subscribe-duration",
        move |mut store: StoreContextMut<'_, T>, (nanos,)| {
            let clock = view(store.data()).cloned();
            for_time(store.data_mut().clocks(), clock, nanos)
        },
    )?;
    interface.func_wrap(
        "subscribe-instant",
        move |mut store: StoreContextMut<'_, T>, (when,)| {
            let clock = view(store.data()).cloned();
            until(store.data_mut().clocks(), clock, when)
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

/// Does the same with the two of WASI 0.3.
///
/// # Errors
/// When one cannot be defined.
pub fn add_wasi3_to_linker<T: WasiView + 'static>(linker: &mut Linker<T>, view: View<T>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut interface = linker.instance(NAME3)?;
    interface.func_wrap_concurrent("wait-for", move |store: &Accessor<T>, (nanos,): (u64,)| {
        Box::pin(wait(store, view, move |_| nanos))
    })?;
    interface.func_wrap_concurrent("wait-until", move |store: &Accessor<T>, (when,): (u64,)| {
        Box::pin(wait(store, view, move |state| {
            when.saturating_sub(state.clocks().now().unwrap_or(when))
        }))
    })?;
    linker.allow_shadowing(false);
    Ok(())
}

/// Waits as long as there is to wait; the deterministic clock moves with it.
async fn wait<T: 'static>(
    store: &Accessor<T>,
    view: View<T>,
    time: impl FnOnce(&mut T) -> u64,
) -> wasmtime::Result<()> {
    let (nanos, clock) = store.with(|mut access| {
        let state = access.get();
        (time(state), view(state).cloned())
    });
    let shows = clock.as_ref().map(|clock| clock.after(nanos));
    until_passed(Instant::now().checked_add(Duration::from_nanos(nanos))).await;
    if let (Some(clock), Some(shows)) = (clock, shows) {
        clock.reach(shows);
    }
    Ok(())
}

fn for_time(mut wasi: WasiClocksCtxView<'_>, clock: Option<Clock>, nanos: u64) -> Sleep {
    match clock {
        Some(clock) => sleep(wasi.table, clock, nanos),
        None => Ok((wasi.subscribe_duration(nanos)?,)),
    }
}

fn until(mut wasi: WasiClocksCtxView<'_>, clock: Option<Clock>, when: u64) -> Sleep {
    match clock {
        Some(clock) => {
            let nanos = when.saturating_sub(clock.now());
            sleep(wasi.table, clock, nanos)
        }
        None => Ok((wasi.subscribe_instant(when)?,)),
    }
}

fn sleep(table: &mut ResourceTable, clock: Clock, nanos: u64) -> Sleep {
    let sleeper = Sleeper {
        until: Instant::now().checked_add(Duration::from_nanos(nanos)),
        shows: clock.after(nanos),
        clock,
    };
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
