//! Standard interfaces beside those that Wasmtime brings: `wasi:logging`, `wasi:config` and `wasi:keyvalue`. They are
//! drafts, so their names carry versions that match nothing else; each is offered under those that guests in use import.
//!
//! Of what stands behind them nothing is read or made before a guest calls it.

pub mod config;
pub mod keyvalue;
pub mod logging;

use super::filesystem::mappings::Mapping;
use crate::proto::engine as wire;
use crate::refusal::Answer;
use crate::stdio::Output;
use config::Config;
use keyvalue::MemoryStore;
use std::sync::Arc;
use wasmtime::component::Linker;
use wasmtime_wasi::WasiView;

/// What stands behind the interfaces of one guest.
#[derive(Clone)]
pub struct Interfaces {
    /// Where `wasi:logging` writes.
    pub log: Output,
    /// What `wasi:config` reads.
    pub config: Arc<Config>,
    /// Where the buckets of `wasi:keyvalue` are.
    pub keyvalue: keyvalue::Store,
}

impl Interfaces {
    /// What a request wishes, with the guest's own environment, directories and standard error.
    ///
    /// # Errors
    /// When a directory is not there, or an address is none.
    pub fn new(
        wished: &wire::Interfaces,
        env: &[String],
        mappings: &[Mapping],
        memory: &Arc<MemoryStore>,
        log: Output,
    ) -> Answer<Self> {
        Ok(Self {
            log,
            config: Arc::new(Config::new(env, mappings, &wished.config_directories)?),
            keyvalue: keyvalue::Store::at(&wished.keyvalue_address, env, memory)?,
        })
    }
}

/// Offers all of them.
///
/// # Errors
/// When a function cannot be defined.
pub fn add_to_linker<T: WasiView + 'static>(
    linker: &mut Linker<T>,
    view: fn(&T) -> &Interfaces,
) -> wasmtime::Result<()> {
    logging::add_to_linker(linker, move |state| &view(state).log)?;
    config::add_to_linker(linker, move |state| &view(state).config)?;
    keyvalue::add_to_linker(linker, move |state| &view(state).keyvalue)
}
