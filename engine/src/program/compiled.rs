//! Loading machine code, the one place that maps code made from images.

use std::fs::File;
use std::os::fd::AsRawFd;
use wasmtime::component::Component;
use wasmtime::{Engine, Module, Precompiled};

/// A compiled file that was loaded and is not linked.
pub enum Compiled {
    /// A core module.
    Module(Module),
    /// A component.
    Component(Component),
}

/// Loads a file, which says itself what it was compiled from.
///
/// # Errors
/// When it is damaged or of another engine.
pub fn deserialize(engine: &Engine, file: &File) -> wasmtime::Result<Compiled> {
    // The open file under a path: what is loaded is what `trust` has seen.
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let kind = Engine::detect_precompiled_file(&path)?;
    // SAFETY: the bytes become machine code. `trust` has checked that only root or this user can have written the
    // file; the daemon keeps its checksum, puts new files in place by rename and never changes one. Wasmtime itself
    // refuses what other versions or settings made.
    unsafe {
        Ok(match kind {
            Some(Precompiled::Component) => Compiled::Component(Component::deserialize_file(engine, &path)?),
            _ => Compiled::Module(Module::deserialize_file(engine, &path)?),
        })
    }
}
