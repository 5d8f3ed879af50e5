//! Components whose instances come and go with requests: they take their memories, tables and stacks from a pool, so
//! that the kernel is not asked for them each time.

use super::compiled::{Compiled, deserialize};
use super::trust::{self, FileIdentity};
use crate::refusal::Answer;
use crate::wasi::{GuestState, linker};
use crate::wasmtime_engine::pooling_engine;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;
use wasmtime::Engine;
use wasmtime::component::{InstancePre, Linker};

/// How many components stay loaded for the next service of the same code.
const KEPT: usize = 64;

/// The pool and the components that use it.
pub struct Pool {
    engine: Engine,
    linker: Linker<GuestState>,
    kept: Mutex<HashMap<FileIdentity, InstancePre<GuestState>>>,
}

impl Pool {
    /// A pool with nothing in use.
    ///
    /// # Errors
    /// When the address space has no room for it.
    pub fn new() -> wasmtime::Result<Self> {
        let engine = pooling_engine()?;
        Ok(Self {
            linker: linker::of_components(&engine)?,
            engine,
            kept: Mutex::default(),
        })
    }

    /// The engine whose allocator it is.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The component of a compiled file; none if its instances are too large for a place in the pool.
    ///
    /// # Errors
    /// When the file is not ours.
    pub fn load(&self, path: &Path) -> Answer<Option<InstancePre<GuestState>>> {
        let (file, identity) = trust::open(path)?;
        let mut kept = self.kept.lock().unwrap();
        if let Some(known) = kept.get(&identity) {
            return Ok(Some(known.clone()));
        }
        let Ok(Compiled::Component(component)) = deserialize(&self.engine, &file) else {
            return Ok(None);
        };
        let Ok(pre) = self.linker.instantiate_pre(&component) else {
            return Ok(None);
        };
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(identity, pre.clone());
        Ok(Some(pre))
    }
}
