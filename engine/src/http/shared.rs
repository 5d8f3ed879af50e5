//! What the threads of a service share.

use super::address::ListenAddress;
use super::settings::Settings;
use crate::account::memory::MemoryAccount;
use crate::program::ticker::Ticker;
use crate::template::Template;
use crate::wasi::GuestState;
use std::sync::Arc;
use tokio::sync::Semaphore;
use wasmtime_wasi_http::handler::ProxyPre;

/// What all requests of a service have in common.
pub(super) struct Shared {
    /// Make instances, tried in order: the pool's first.
    pub(super) proxies: Vec<ProxyPre<GuestState>>,
    /// What each instance gets.
    pub(super) template: Template,
    /// Its bounds.
    pub(super) settings: Settings,
    /// The container's memory.
    pub(super) memory: Arc<MemoryAccount>,
    /// Where it listens.
    pub(super) address: ListenAddress,
    /// One for each request that is worked on.
    pub(super) slots: Arc<Semaphore>,
    /// Has its instances make way for each other.
    pub(super) ticker: Arc<Ticker>,
}

impl Shared {
    /// Writes a line to the container's log. Nobody can be told of a log that cannot be written.
    pub(super) async fn log(&self, subject: &str, what: &str) {
        let text = format!("krustlet: {subject}: {what}\n");
        let _ = self.template.stderr().write_all(text.as_bytes()).await;
    }
}
