//! Services: a component that exports `wasi:http/incoming-handler` listens in the network of its pod, and each request
//! is answered by an instance of its own.

pub mod address;
mod outgoing;
mod request;
mod server;
pub mod ticker;

use super::control::Control;
use super::cpu::CpuAccount;
use super::memory::MemoryAccount;
use super::running::Template;
use super::wasi::GuestState;
use crate::program::Program;
use crate::refusal::{Answer, Naming, Refusal};
use address::Address;
pub use outgoing::Outgoing;
use std::sync::Arc;
use std::time::Duration;
use ticker::Ticker;
use tokio::sync::Semaphore;
use wasmtime::component::InstancePre;
use wasmtime_wasi_http::p2::bindings::ProxyPre;

/// Requests that a service works on at once; more wait.
const MAX_REQUESTS: usize = 256;
/// The largest body of a request, in bytes.
const MAX_BODY: usize = 64 << 20;
/// The largest head of a request, in bytes.
const MAX_HEAD: usize = 64 << 10;
/// How long a request may take until its response begins, and the instance may go on once nobody reads any more.
const REQUEST_TIME: Duration = Duration::from_secs(60);
/// How long a connection may stay without a whole head of a request.
const HEAD_TIME: Duration = Duration::from_secs(60);

/// A service that has not begun to listen.
pub struct Service(Arc<Shared>);

/// What all requests of a service have in common.
struct Shared {
    /// Makes instances, out of the pool if it can.
    proxies: Vec<ProxyPre<GuestState>>,
    template: Template,
    memory: Arc<MemoryAccount>,
    address: Address,
    slots: Arc<Semaphore>,
    ticker: Arc<Ticker>,
}

impl Service {
    /// A service of a component, with what each of its instances gets.
    ///
    /// # Errors
    /// When the component handles no requests, its environment names no address, or an instance cannot be made.
    pub fn new(
        (program, pooled): (&Program, Option<InstancePre<GuestState>>),
        template: Template,
        memory: Arc<MemoryAccount>,
        ticker: Arc<Ticker>,
    ) -> Answer<Self> {
        let Program::Component(pre) = program else {
            return Err(Refusal::internal("a service that is no component"));
        };
        let pres = pooled.into_iter().chain([pre.clone()]);
        let proxies: wasmtime::Result<_> = pres.map(ProxyPre::new).collect();
        let proxies = proxies.refusing("find the service");
        Ok(Self(Arc::new(Shared {
            proxies: proxies?,
            address: Address::of(&template)?,
            slots: Arc::new(Semaphore::new(MAX_REQUESTS)),
            template,
            memory,
            ticker,
        })))
    }

    /// Serves until it is asked to end, and then to the end of the last request.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn run(&self, control: &Arc<Control>, cpu: &Arc<CpuAccount>) -> wasmtime::Result<u32> {
        server::serve(&self.0, control, cpu).await?;
        Ok(0)
    }
}
