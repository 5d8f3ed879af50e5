//! WASI preview 1 where Wasmtime's answer is not what a container needs.

pub mod directory;
pub mod sockets;
pub mod timers;
