//! The Engine service of `engine.proto`: every call finds its guest and is answered on the wire.

use super::guests::Guests;
use crate::guest::Guest;
use crate::guest::host::Host;
use crate::proto::engine as wire;
use crate::proto::engine_ttrpc::Engine;
use crate::refusal::{Answer, Kind, Refusal};
use crate::wasmtime_engine::{ENGINE_VERSION, WASMTIME_VERSION, engine_hash};
use async_trait::async_trait;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use ttrpc::r#async::TtrpcContext;
use ttrpc::error::get_rpc_status;
use ttrpc::{Code, Result};

/// The version of engine.proto.
const PROTOCOL: u32 = 1;

/// The service of this process.
pub struct EngineService {
    host: Arc<Host>,
    guests: Guests,
    hash: String,
}

impl EngineService {
    /// A service without guests.
    pub fn new(host: Arc<Host>) -> Self {
        Self {
            hash: engine_hash(host.programs.engines()),
            guests: Guests::new(host.clone()),
            host,
        }
    }
}

/// The figures of the container that a guest belongs to.
fn figures(guest: &Guest) -> wire::StatsResponse {
    let container = &guest.container;
    let nanos = |d: Duration| u64::try_from(d.as_nanos()).unwrap_or(u64::MAX);
    let (time, throttling) = (container.cpu.threads.cpu_time(), container.cpu.throttling());
    let mut stats = wire::StatsResponse::new();
    stats.cpu_user_ns = nanos(time.user);
    stats.cpu_system_ns = nanos(time.system);
    let (used, guests) = (container.memory.used(), container.guests());
    let away = guests
        .iter()
        .map(|g| g.memory.used().saturating_sub(g.memory.resident()));
    stats.memory_bytes = used;
    // Buckets and the instances of services are booked and nobody knows where they lie.
    stats.memory_resident_bytes = used.saturating_sub(away.sum());
    stats.memory_peak_bytes = container.memory.peak();
    stats.memory_limit_bytes = container.memory.limit();
    stats.memory_refusals = container.memory.refusals();
    stats.oom_kills = container.oom_kills.load(Relaxed);
    stats.threads = container.cpu.threads.count() as u32;
    stats.cpu_periods = throttling.periods;
    stats.cpu_throttled_periods = throttling.throttled_periods;
    stats.cpu_throttled_ns = nanos(throttling.throttled);
    stats
}

fn on_wire(refusal: Refusal) -> ttrpc::Error {
    let code = match refusal.kind {
        Kind::Invalid => Code::INVALID_ARGUMENT,
        Kind::Unknown => Code::NOT_FOUND,
        Kind::Duplicate => Code::ALREADY_EXISTS,
        Kind::WrongState => Code::FAILED_PRECONDITION,
        Kind::Internal => Code::INTERNAL,
    };
    get_rpc_status(code, refusal.sentence)
}

fn done<T: Default>(answer: Answer<()>) -> Result<T> {
    answer.map(|()| T::default()).map_err(on_wire)
}

#[async_trait]
impl Engine for EngineService {
    async fn info(&self, _: &TtrpcContext, _: wire::InfoRequest) -> Result<wire::InfoResponse> {
        let mut info = wire::InfoResponse::new();
        info.protocol = PROTOCOL;
        info.engine_version = ENGINE_VERSION.to_owned();
        info.wasmtime_version = WASMTIME_VERSION.to_owned();
        info.engine_hash = self.hash.clone();
        info.pid = std::process::id();
        Ok(info)
    }

    async fn create(&self, _: &TtrpcContext, r: wire::CreateRequest) -> Result<wire::CreateResponse> {
        let mut response = wire::CreateResponse::new();
        response.pid = self.guests.make(r).await.map_err(on_wire)?;
        Ok(response)
    }

    async fn start(&self, _: &TtrpcContext, r: wire::StartRequest) -> Result<wire::StartResponse> {
        let mut response = wire::StartResponse::new();
        let started = self.guests.find(&r.id).and_then(|guest| guest.start());
        response.pid = started.map_err(on_wire)?;
        Ok(response)
    }

    async fn signal(&self, _: &TtrpcContext, r: wire::SignalRequest) -> Result<wire::SignalResponse> {
        done(self.guests.deliver(&r.id, r.signal, r.all).await)
    }

    async fn pause(&self, _: &TtrpcContext, r: wire::PauseRequest) -> Result<wire::PauseResponse> {
        done(self.guests.pause(&r.id).await)
    }

    async fn resume(&self, _: &TtrpcContext, r: wire::ResumeRequest) -> Result<wire::ResumeResponse> {
        done(self.guests.resume(&r.id))
    }

    async fn update(&self, _: &TtrpcContext, r: wire::UpdateRequest) -> Result<wire::UpdateResponse> {
        done(self.guests.update(&r.id, &r.limits))
    }

    async fn stats(&self, _: &TtrpcContext, r: wire::StatsRequest) -> Result<wire::StatsResponse> {
        self.guests.find(&r.id).map(|guest| figures(&guest)).map_err(on_wire)
    }

    async fn close_io(&self, _: &TtrpcContext, r: wire::CloseIORequest) -> Result<wire::CloseIOResponse> {
        done(self.guests.find(&r.id).map(|guest| guest.close_stdin()))
    }

    async fn delete(&self, _: &TtrpcContext, r: wire::DeleteRequest) -> Result<wire::DeleteResponse> {
        done(self.guests.forget(&r.id))
    }

    async fn next_exit(&self, _: &TtrpcContext, _: wire::NextExitRequest) -> Result<wire::NextExitResponse> {
        let exited = self.host.exits.next().await;
        let mut response = wire::NextExitResponse::new();
        response.id = exited.id;
        response.exit_status = exited.exit.status;
        response.exited_at_ns = exited.at_ns;
        response.oom_killed = exited.exit.oom_killed;
        response.cause = exited.exit.cause;
        Ok(response)
    }
}
