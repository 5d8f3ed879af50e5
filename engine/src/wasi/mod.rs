//! What a guest's store holds, and what its program may import.

pub mod clocks;
pub mod filesystem;
pub mod interfaces;
pub mod linker;
pub mod lookup;
pub mod outgoing;
pub mod preview1;

use crate::account::limits::GuestLimiter;
use crate::network::Network;
use interfaces::Interfaces;
use outgoing::Outgoing;
use preview1::Preview1;
use std::sync::Arc;
use wasmtime_wasi::{WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// What a guest's store holds, of whichever kind the guest is.
pub struct GuestState {
    /// Preview 1, and below it the context of WASI 0.2 and 0.3.
    pub preview1: Preview1,
    /// Whether its thread has nothing else to do, and so waits for files itself.
    pub alone: bool,
    /// Answers whether memory may grow.
    pub limiter: GuestLimiter,
    /// Bounds of HTTP.
    pub http: WasiHttpCtx,
    /// The network of the pod, if the guest has one.
    pub network: Option<Arc<Network>>,
    /// What sends HTTP requests.
    pub outgoing: Outgoing,
    /// What stands behind the interfaces that are not Wasmtime's.
    pub interfaces: Interfaces,
}

impl WasiView for GuestState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.preview1.wasi.ctx()
    }
}

impl WasiHttpView for GuestState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.outgoing,
            table: self.preview1.wasi.ctx().table,
            ctx: &mut self.http,
        }
    }
}
