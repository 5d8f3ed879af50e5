//! Everything that programs may import.

use super::preview1::{self, sockets};
use super::{GuestState, clocks, filesystem, interfaces, lookup};
use crate::wasmtime_engine::Wasi3;
use wasmtime::component::Linker as ComponentLinker;
use wasmtime::{Engine, Linker};

/// Everything that a preview 1 module may import.
///
/// # Errors
/// When a function cannot be defined.
pub fn of_modules(engine: &Engine) -> wasmtime::Result<Linker<GuestState>> {
    let mut linker = Linker::new(engine);
    preview1::add_to_linker(&mut linker, |state: &mut GuestState| &mut state.preview1)?;
    Ok(linker)
}

/// Everything that a preview 1 module may import which finds sockets open.
///
/// # Errors
/// When a function cannot be defined.
pub fn of_modules_with_sockets(engine: &Engine) -> wasmtime::Result<Linker<GuestState>> {
    let mut linker = Linker::new(engine);
    sockets::linker::add_to_linker(&mut linker, |state: &mut GuestState| &mut state.preview1)?;
    Ok(linker)
}

/// Everything that a component may import.
///
/// # Errors
/// When an interface cannot be defined.
pub fn of_components(engine: &Engine) -> wasmtime::Result<ComponentLinker<GuestState>> {
    let mut linker = ComponentLinker::new(engine);
    let clock: clocks::component::View<GuestState> = |state| state.preview1.clock.as_ref();
    let network: lookup::View<GuestState> = |state| state.network.as_ref();
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    clocks::component::add_to_linker(&mut linker, clock)?;
    filesystem::component::add_to_linker(&mut linker, |state| state.limiter.share(), |state| state.alone)?;
    lookup::add_to_linker(&mut linker, network)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    interfaces::add_to_linker(&mut linker, |state| &state.interfaces)?;
    if Wasi3::of(engine) == Wasi3::On {
        wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        clocks::component::add_wasi3_to_linker(&mut linker, clock)?;
        lookup::add_wasi3_to_linker(&mut linker, network)?;
        wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    }
    Ok(linker)
}
