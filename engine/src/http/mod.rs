//! Services: a component that exports `wasi:http/incoming-handler`, or `handler` in WASI 0.3, listens in the network of
//! its pod, and each request is answered by an instance of its own.
//!
//! The guest's thread accepts connections and answers requests; when it has some, further threads share them with it.
//! A connection and the instances that answer on it stay on one thread, and what waits for a file is done by a helper
//! of that thread.

pub mod address;
mod connection;
mod content;
mod instance;
mod request;
mod server;
pub mod settings;
mod shared;
mod wasi3;
mod worker;

use crate::account::memory::MemoryAccount;
use crate::control::thread::GuestThread;
use crate::program::Program;
use crate::program::ticker::Ticker;
use crate::refusal::{Answer, Naming, Refusal};
use crate::template::Template;
use crate::wasi::GuestState;
use address::ListenAddress;
use settings::Settings;
use shared::Shared;
use std::sync::Arc;
use tokio::sync::Semaphore;
use wasmtime::component::InstancePre;
use wasmtime_wasi_http::handler::ProxyPre;
use wasmtime_wasi_http::p2::bindings::ProxyPre as ServicePre2;
use wasmtime_wasi_http::p3::bindings::ServicePre as ServicePre3;

/// A service that has not begun to listen.
pub struct HttpService(Arc<Shared>);

impl HttpService {
    /// A service of a component, with what each of its instances gets.
    ///
    /// # Errors
    /// When the component handles no requests, its environment names no address, or a bound cannot be.
    pub fn new(
        program: &Program,
        pooled: impl FnOnce() -> Answer<Option<InstancePre<GuestState>>>,
        template: Template,
        memory: Arc<MemoryAccount>,
        ticker: Arc<Ticker>,
    ) -> Answer<Self> {
        let Program::Component(pre) = program else {
            return Err(Refusal::internal("a service that is no component"));
        };
        let settings = Settings::of(&template.http)?;
        Ok(Self(Arc::new(Shared {
            proxies: proxies(pre, pooled)?,
            address: ListenAddress::of(&template)?,
            slots: Arc::new(Semaphore::new(settings.requests as usize)),
            settings,
            template,
            memory,
            ticker,
        })))
    }

    /// Serves until it is asked to end, and then to the end of the last request.
    ///
    /// # Errors
    /// When it cannot listen, or a thread of it failed.
    pub async fn run(&self, thread: &GuestThread) -> wasmtime::Result<u32> {
        server::serve(&self.0, thread).await?;
        Ok(0)
    }
}

/// Out of the pool before others. Not instances of WASI 0.3: their tasks take as many stacks as they like, and those of
/// the pool are for all services of the node.
fn proxies(
    pre: &InstancePre<GuestState>,
    pooled: impl FnOnce() -> Answer<Option<InstancePre<GuestState>>>,
) -> Answer<Vec<ProxyPre<GuestState>>> {
    let of_wasi2 = |pre| ServicePre2::new(pre).map(ProxyPre::P2).refusing("find the service");
    match ServicePre3::new(pre.clone()) {
        Ok(service) => Ok(vec![ProxyPre::P3(service)]),
        Err(_) => pooled()?.into_iter().chain([pre.clone()]).map(of_wasi2).collect(),
    }
}
