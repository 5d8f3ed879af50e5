//! The Engine service of `engine.proto`: finds the guest and hands the call on.

use super::exits::Exits;
use crate::guest::signals::{Action, default_action};
use crate::guest::thread::{create, enforce_end, nice_of};
use crate::guest::{Guest, Phase, lock};
use crate::program::Programs;
use crate::proto::engine as wire;
use crate::proto::engine_ttrpc::Engine;
use crate::refusal::{Answer, Kind, Refusal};
use crate::wasmtime_engine::{ENGINE_VERSION, WASMTIME_VERSION, engine_hash};
use async_trait::async_trait;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use ttrpc::r#async::TtrpcContext;
use ttrpc::error::get_rpc_status;
use ttrpc::{Code, Result};

/// The version of engine.proto.
const PROTOCOL: u32 = 1;

/// All guests of this process.
pub struct Service {
    programs: Arc<Programs>,
    exits: Arc<Exits>,
    guests: Arc<Mutex<HashMap<String, Arc<Guest>>>>,
    hash: String,
}

/// Takes an id out of the table again unless its guest came to life.
struct Reservation {
    guests: Arc<Mutex<HashMap<String, Arc<Guest>>>>,
    guest: Arc<Guest>,
    kept: bool,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if !self.kept {
            self.guest.control.drop_unstarted();
            lock(&self.guests).remove(&self.guest.id);
        }
    }
}

impl Service {
    /// A service without guests.
    pub fn new(programs: Programs) -> Self {
        Self {
            hash: engine_hash(programs.engine()),
            programs: Arc::new(programs),
            exits: Arc::default(),
            guests: Arc::default(),
        }
    }

    fn find(&self, id: &str) -> Answer<Arc<Guest>> {
        lock(&self.guests)
            .get(id)
            .cloned()
            .ok_or_else(|| Refusal::new(Kind::Unknown, format!("guest {id}: there is none")))
    }

    fn alive(&self, id: &str, what: &str) -> Answer<Arc<Guest>> {
        let guest = self.find(id)?;
        guest.expect_alive(what)?;
        Ok(guest)
    }

    fn reserve(&self, request: &wire::CreateRequest) -> Answer<Reservation> {
        if request.id.is_empty() {
            return Err(Refusal::invalid("create: the id is empty"));
        }
        let guest = Guest::new(&request.id, request.limits.memory_bytes);
        match lock(&self.guests).entry(request.id.clone()) {
            Entry::Occupied(_) => {
                let sentence = format!("create {}: the id is in use", request.id);
                return Err(Refusal::new(Kind::Duplicate, sentence));
            }
            Entry::Vacant(place) => place.insert(guest.clone()),
        };
        Ok(Reservation {
            guests: self.guests.clone(),
            guest,
            kept: false,
        })
    }

    async fn make(&self, request: wire::CreateRequest) -> Answer<u32> {
        let mut reservation = self.reserve(&request)?;
        let guest = reservation.guest.clone();
        let limits = request.limits.clone();
        let pid = create(&guest, request, &self.programs, &self.exits).await?;
        reservation.kept = true;
        remember(&guest, &limits);
        Ok(pid)
    }

    async fn deliver(&self, id: &str, signal: u32) -> Answer<()> {
        let guest = self.alive(id, "signal")?;
        match default_action(signal) {
            None => return Err(Refusal::invalid(format!("signal {signal}: there is no such signal"))),
            Some(Action::Ignore) => {}
            Some(Action::Stop) => return self.pause_guest(id).await,
            Some(Action::Continue) => guest.control.resume(),
            Some(Action::End(n)) => {
                guest.control.end(n);
                self.programs.engine().increment_epoch();
                let (programs, exits) = (self.programs.clone(), self.exits.clone());
                tokio::spawn(async move { enforce_end(&guest, n, &programs, &exits).await });
            }
        }
        Ok(())
    }

    /// Parks the guest and waits for it, but not for a guest that the kernel keeps: that one parks when it is back.
    async fn pause_guest(&self, id: &str) -> Answer<()> {
        const ROUND: Duration = Duration::from_millis(2);
        const ROUNDS: u32 = 250;
        let guest = self.alive(id, "pause")?;
        guest.control.pause();
        for _ in 0..ROUNDS {
            // Again each round: a guest that was just at its check has taken a new deadline.
            self.programs.engine().increment_epoch();
            if guest.control.at_rest() || guest.phase() == Phase::Exited {
                break;
            }
            tokio::time::sleep(ROUND).await;
        }
        Ok(())
    }

    fn forget(&self, id: &str) -> Answer<()> {
        let guest = self.find(id)?;
        match guest.phase() {
            Phase::Exited => {}
            Phase::Created => guest.control.drop_unstarted(),
            phase => return Err(guest.wrong_state("delete", phase)),
        }
        guest.join();
        lock(&self.guests).remove(id);
        Ok(())
    }
}

fn remember(guest: &Guest, limits: &wire::Limits) {
    guest.cpu.quota_us.store(limits.cpu_quota_us.max(0) as u64, Relaxed);
    guest.cpu.period_us.store(limits.cpu_period_us, Relaxed);
    let before = guest.cpu.shares.swap(limits.cpu_shares, Relaxed);
    if before != limits.cpu_shares {
        guest.threads.set_nice(nice_of(limits.cpu_shares));
    }
}

fn figures(guest: &Guest) -> wire::StatsResponse {
    let time = guest.threads.cpu_time();
    let nanos = |d: Duration| u64::try_from(d.as_nanos()).unwrap_or(u64::MAX);
    let mut stats = wire::StatsResponse::new();
    stats.cpu_user_ns = nanos(time.user);
    stats.cpu_system_ns = nanos(time.system);
    stats.memory_bytes = guest.memory.used();
    stats.memory_resident_bytes = guest.window.resident(&guest.memory);
    stats.memory_peak_bytes = guest.memory.peak();
    stats.memory_limit_bytes = guest.memory.limit();
    stats.memory_refusals = guest.memory.refusals();
    stats.oom_kills = guest.oom_killed.load(Relaxed).into();
    stats.threads = guest.threads.count() as u32;
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
impl Engine for Service {
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
        response.pid = self.make(r).await.map_err(on_wire)?;
        Ok(response)
    }

    async fn start(&self, _: &TtrpcContext, r: wire::StartRequest) -> Result<wire::StartResponse> {
        let mut response = wire::StartResponse::new();
        let started = self.find(&r.id).and_then(|guest| guest.start());
        response.pid = started.map_err(on_wire)?;
        Ok(response)
    }

    async fn signal(&self, _: &TtrpcContext, r: wire::SignalRequest) -> Result<wire::SignalResponse> {
        done(self.deliver(&r.id, r.signal).await)
    }

    async fn pause(&self, _: &TtrpcContext, r: wire::PauseRequest) -> Result<wire::PauseResponse> {
        done(self.pause_guest(&r.id).await)
    }

    async fn resume(&self, _: &TtrpcContext, r: wire::ResumeRequest) -> Result<wire::ResumeResponse> {
        done(self.alive(&r.id, "resume").map(|g| g.control.resume()))
    }

    async fn update(&self, _: &TtrpcContext, r: wire::UpdateRequest) -> Result<wire::UpdateResponse> {
        done(self.alive(&r.id, "update").map(|guest| {
            guest.memory.set_limit(r.limits.memory_bytes);
            remember(&guest, &r.limits);
        }))
    }

    async fn stats(&self, _: &TtrpcContext, r: wire::StatsRequest) -> Result<wire::StatsResponse> {
        self.find(&r.id).map(|guest| figures(&guest)).map_err(on_wire)
    }

    async fn close_io(&self, _: &TtrpcContext, r: wire::CloseIORequest) -> Result<wire::CloseIOResponse> {
        done(self.find(&r.id).map(|guest| guest.close_stdin()))
    }

    async fn delete(&self, _: &TtrpcContext, r: wire::DeleteRequest) -> Result<wire::DeleteResponse> {
        done(self.forget(&r.id))
    }

    async fn next_exit(&self, _: &TtrpcContext, _: wire::NextExitRequest) -> Result<wire::NextExitResponse> {
        let exited = self.exits.next().await;
        let mut response = wire::NextExitResponse::new();
        response.id = exited.id;
        response.exit_status = exited.exit.status;
        response.exited_at_ns = exited.at_ns;
        response.oom_killed = exited.exit.oom_killed;
        response.cause = exited.exit.cause;
        Ok(response)
    }
}
