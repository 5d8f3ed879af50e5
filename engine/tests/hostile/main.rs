//! Guests that try to hurt. Beside each of them a canary sings: whatever they do, it must not notice, and nothing of
//! them may be left in the engine.

mod code;
#[path = "../common/mod.rs"]
mod common;
mod files;
mod memory;
mod yard;
