//! The engine of Krustlet: runs WASI guests on Wasmtime. `serve` holds many, driven by the daemon; `run` one;
//! `compile` makes the machine code both load.

pub mod account;
pub mod compile;
pub mod confine;
pub mod control;
pub mod entry;
pub mod ffi;
pub mod guest;
pub mod hook;
pub mod http;
pub mod lock;
pub mod network;
pub mod program;
pub mod proto;
pub mod refusal;
pub mod run;
pub mod serve;
pub mod stdio;
pub mod template;
pub mod wasi;
pub mod wasmtime_engine;
