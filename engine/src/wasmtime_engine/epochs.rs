//! The epoch of all code in this process: at each change running guests come to their checks.

use std::sync::OnceLock;
use wasmtime::Engine;

/// The engines of this process, each with an epoch of its own, that move together.
pub struct Epochs {
    engines: Vec<Engine>,
    pooling: OnceLock<Engine>,
}

impl Epochs {
    /// Of the engines that are always there.
    pub fn new(engines: Vec<Engine>) -> Self {
        let pooling = OnceLock::new();
        Self { engines, pooling }
    }

    /// Of that for services too, from now on.
    pub fn add(&self, pooling: Engine) {
        // There is one in a process, and the first to add it has added it.
        let _ = self.pooling.set(pooling);
    }

    /// Has every running guest come to its check.
    pub fn advance(&self) {
        self.engines.iter().for_each(Engine::increment_epoch);
        if let Some(pooling) = self.pooling.get() {
            pooling.increment_epoch();
        }
    }
}
