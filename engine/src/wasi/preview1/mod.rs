//! WASI preview 1: Wasmtime's implementation, with some functions of our own where its answer is not what a container
//! needs.

mod answer;
mod directory;
mod listings;
mod sleep;
pub mod sockets;
mod state;
mod timers;

pub use state::{Preview1, View};

use sleep::poll_oneoff;
use state::{MODULE, memory_and_state};
use wasmtime::{Caller, Linker};
use wasmtime_wasi::{I32Exit, p1};

/// Everything that a module may import which finds no sockets open.
///
/// # Errors
/// When a function cannot be defined.
pub fn add_to_linker<T: Send + 'static>(linker: &mut Linker<T>, view: View<T>) -> wasmtime::Result<()> {
    p1::add_to_linker_async(linker, move |state: &mut T| &mut view(state).wasi)?;
    linker.allow_shadowing(true);
    // Wasmtime's traps on 126 and above; as a container's exit code all of a byte is in use.
    linker.func_wrap(MODULE, "proc_exit", |status: i32| -> wasmtime::Result<()> {
        Err(I32Exit(status & 0xff).into())
    })?;
    linker.func_wrap_async(
        MODULE,
        "poll_oneoff",
        move |mut caller: Caller<'_, T>, arguments: (i32, i32, i32, i32)| {
            Box::new(async move { poll_oneoff(memory_and_state(&mut caller, view)?, arguments).await })
        },
    )?;
    directory::add_to_linker(linker, view)?;
    linker.allow_shadowing(false);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::memory::{MemoryAccount, MemoryShare};
    use wasmtime::{Engine, Module, Store};
    use wasmtime_wasi::WasiCtxBuilder;

    struct Own(Preview1);

    #[tokio::test]
    async fn a_store_that_has_nothing_else_can_have_preview_1() {
        let engine = Engine::default();
        let mut linker = Linker::new(&engine);
        add_to_linker(&mut linker, |own: &mut Own| &mut own.0).unwrap();
        let text = r#"(module
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (func (export "_start") i32.const 300 call $exit))"#;
        let module = Module::new(&engine, wat::parse_str(text).unwrap()).unwrap();
        let memory = MemoryShare::new(MemoryAccount::new(0));
        let own = Own(Preview1::new(WasiCtxBuilder::new().build_p1(), None, memory));
        let mut store = Store::new(&engine, own);
        let instance = linker.instantiate_async(&mut store, &module).await.unwrap();
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start").unwrap();
        let error = start.call_async(&mut store, ()).await.unwrap_err();
        assert_eq!(error.downcast_ref::<I32Exit>().map(|exit| exit.0), Some(44));
    }
}
