//! The engine of Krustlet: runs WASI guests on Wasmtime. `serve` holds many, driven by the daemon; `run` one;
//! `compile` makes the machine code both load.

pub mod compile;
pub mod confine;
pub mod features;
pub mod ffi;
pub mod generation;
pub mod guest;
pub mod hook;
pub mod policy_flags;
pub mod program;
pub mod proto;
pub mod refusal;
pub mod run;
pub mod serve;
pub mod wasmtime_engine;
