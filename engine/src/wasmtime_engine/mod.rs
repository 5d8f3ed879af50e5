//! The one configuration of Wasmtime that `compile`, `run` and `serve` share, and the name of what it makes.

pub mod epochs;

use std::hash::{DefaultHasher, Hash, Hasher};
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, WasmBacktraceDetails};

/// This crate's version.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Wasmtime's version; the test of `version` holds it against Cargo.lock.
pub const WASMTIME_VERSION: &str = "48.0.8";

/// The most stack a guest's calls may use, in bytes; past it the guest traps.
const GUEST_STACK: usize = 1 << 20;
/// The stack guest and host calls share. Only touched pages cost memory.
const THREAD_STACK: usize = 2 << 20;

/// Instances of services there may be at once in the pool; others are made without it. A memory's place is 4 GiB of
/// address space.
const POOL_INSTANCES: u32 = 1024;
/// Places that keep what they had resident for the next instance of the same code.
const POOL_WARM: u32 = 64;
/// Bytes of each place's memory and table that are cleared by hand and not given back to the kernel.
const POOL_RESIDENT: usize = 128 << 10;
/// The same of its stack.
const POOL_STACK_RESIDENT: usize = 32 << 10;

/// Whether components of WASI 0.3 run: in an engine of their own, for what they need of Wasmtime costs others time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wasi3 {
    /// They are refused.
    #[default]
    Off,
    /// They run.
    On,
}

impl Wasi3 {
    /// Whether they run in `engine`.
    pub fn of(engine: &Engine) -> Self {
        match engine.get_concurrency_support() {
            true => Self::On,
            false => Self::Off,
        }
    }
}

/// A Wasmtime engine for programs that are not of WASI 0.3, or for those that are.
///
/// # Errors
/// When the CPU lacks what Wasmtime needs.
pub fn new_engine(wasi3: Wasi3) -> wasmtime::Result<Engine> {
    Engine::new(&config(wasi3))
}

/// All engines of a process where those of WASI 0.3 run or not; the first is for the others.
///
/// # Errors
/// When the CPU lacks what Wasmtime needs.
pub fn engines(wasi3: Wasi3) -> wasmtime::Result<Vec<Engine>> {
    let kinds: &[Wasi3] = match wasi3 {
        Wasi3::Off => &[Wasi3::Off],
        Wasi3::On => &[Wasi3::Off, Wasi3::On],
    };
    kinds.iter().map(|kind| new_engine(*kind)).collect()
}

/// An engine that runs the same code as that without WASI 0.3 and takes what instances need from a pool. Only address space is reserved.
///
/// # Errors
/// When there is no room for it.
pub fn pooling_engine() -> wasmtime::Result<Engine> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(POOL_INSTANCES)
        .total_core_instances(POOL_INSTANCES * 4)
        .total_memories(POOL_INSTANCES)
        .total_tables(POOL_INSTANCES * 2)
        .total_stacks(POOL_INSTANCES)
        .max_unused_warm_slots(POOL_WARM)
        .linear_memory_keep_resident(POOL_RESIDENT)
        .table_keep_resident(POOL_RESIDENT)
        .async_stack_keep_resident(POOL_STACK_RESIDENT)
        .pagemap_scan(Enabled::Auto);
    let mut config = config(Wasi3::Off);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config)
}

fn config(wasi3: Wasi3) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        // What a guest may use of these is the daemon's to say. Not threads: a shared memory grows without asking
        // whether it may.
        .wasm_simd(true)
        .wasm_tail_call(true)
        .wasm_memory64(true)
        .wasm_function_references(true)
        .wasm_gc(true)
        .wasm_exceptions(true)
        // Tasks, streams and futures of components. Tasks with stacks of their own and threads stay off.
        .concurrency_support(wasi3 == Wasi3::On)
        .max_wasm_stack(GUEST_STACK)
        .async_stack_size(THREAD_STACK)
        // A memory that never moves: figures of it can be taken from outside while the guest runs.
        .memory_may_move(false)
        // Backtraces walk frame pointers; unwind tables would only cost memory and time at load.
        .native_unwind_info(false)
        // Function names are enough; debug information of an image is not parsed in this process.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    config
}

/// Names everything that compiled code depends on: this crate, Wasmtime, its settings in each of the process' engines
/// and the CPU's features. Code compiled under one hash is never loaded under another. 32 hexadecimal digits, equal in
/// every run of the same binary on the same kind of CPU.
pub fn engine_hash(engines: &[Engine]) -> String {
    let part = |salt: &str| {
        let mut hasher = DefaultHasher::new();
        (salt, ENGINE_VERSION, WASMTIME_VERSION).hash(&mut hasher);
        for engine in engines {
            engine.precompile_compatibility_hash().hash(&mut hasher);
        }
        hasher.finish()
    };
    format!("{:016x}{:016x}", part("high"), part("low"))
}
