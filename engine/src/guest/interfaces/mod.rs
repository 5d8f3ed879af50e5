//! Standard interfaces beside those that Wasmtime brings: `wasi:logging` and `wasi:config`. They are drafts, so their
//! names carry versions that match nothing else; each is offered under those that guests in use import.
//!
//! Of what stands behind them nothing is read or made before a guest calls it.

pub mod config;
pub mod logging;

use super::stdio::Output;
use super::wasi::GuestState;
use config::Config;
use std::sync::Arc;
use wasmtime::component::Linker;

/// What stands behind the interfaces of one guest.
#[derive(Clone)]
pub struct Interfaces {
    /// Where `wasi:logging` writes.
    pub log: Output,
    /// What `wasi:config` reads.
    pub config: Arc<Config>,
}

/// Offers all of them.
///
/// # Errors
/// When a function cannot be defined.
pub fn add_to_linker(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    logging::add_to_linker(linker)?;
    config::add_to_linker(linker)
}
