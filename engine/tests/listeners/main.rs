//! Preview 1 modules that find listening sockets open.

mod calls;
#[path = "../common/mod.rs"]
mod common;
mod life;
mod polling;
mod server;
mod yard;
