//! What all guests of this process need.

use super::exits::Exits;
use crate::account::cpu::pacer::Pacer;
use crate::network::trust::NodeTrust;
use crate::program::Programs;
use crate::refusal::{Answer, Naming};
use std::sync::Arc;
use tokio::runtime::Handle;

/// The process as its guests see it.
pub struct Host {
    /// The loaded modules.
    pub programs: Programs,
    /// Where ends are reported.
    pub exits: Exits,
    /// Whom guests without certificates of their own believe.
    pub trust: Arc<NodeTrust>,
    /// Who looks after CPU quotas.
    pub pacer: Arc<Pacer>,
    /// The runtime of the process' first thread.
    pub tasks: Handle,
}

impl Host {
    /// A host without guests. Needs a tokio runtime.
    ///
    /// # Errors
    /// When its thread cannot be started.
    pub fn new(programs: Programs) -> Answer<Arc<Self>> {
        let pacer = Pacer::start(programs.epochs().clone()).naming("start the thread for CPU quotas")?;
        Ok(Arc::new(Self {
            programs,
            exits: Exits::default(),
            trust: NodeTrust::open(),
            pacer,
            tasks: Handle::current(),
        }))
    }

    /// Has every running guest come to its check.
    pub fn call_to_check(&self) {
        self.programs.epochs().advance();
    }
}
