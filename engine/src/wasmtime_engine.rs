//! The one configuration of Wasmtime that `compile`, `run` and `serve` share, and the name of what it makes.

use std::hash::{DefaultHasher, Hash, Hasher};
use wasmtime::{Config, Engine, WasmBacktraceDetails};

/// This crate's version.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Wasmtime's version; the test of `version` holds it against Cargo.lock.
pub const WASMTIME_VERSION: &str = "48.0.8";

/// The most stack a guest's calls may use, in bytes; past it the guest traps.
const GUEST_STACK: usize = 1 << 20;
/// The stack guest and host calls share. Only touched pages cost memory.
const THREAD_STACK: usize = 2 << 20;

/// The Wasmtime engine of this process.
///
/// # Errors
/// When the CPU lacks what Wasmtime needs.
pub fn new_engine() -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(GUEST_STACK)
        .async_stack_size(THREAD_STACK)
        // A memory that never moves: figures of it can be taken from outside while the guest runs.
        .memory_may_move(false)
        // Backtraces walk frame pointers; unwind tables would only cost memory and time at load.
        .native_unwind_info(false)
        // Function names are enough; debug information of an image is not parsed in this process.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    Engine::new(&config)
}

/// Names everything that compiled code depends on: this crate, Wasmtime, its settings and the CPU's features.
/// Code compiled under one hash is never loaded under another. 32 hexadecimal digits, equal in every run of the
/// same binary on the same kind of CPU.
pub fn engine_hash(engine: &Engine) -> String {
    let part = |salt: &str| {
        let mut hasher = DefaultHasher::new();
        (salt, ENGINE_VERSION, WASMTIME_VERSION).hash(&mut hasher);
        engine.precompile_compatibility_hash().hash(&mut hasher);
        hasher.finish()
    };
    format!("{:016x}{:016x}", part("high"), part("low"))
}
