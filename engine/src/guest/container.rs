//! A container: what its first guest and those that exec brought into it share.

use super::{Guest, Phase};
use crate::account::cpu::CpuAccount;
use crate::account::cpu::pacer::Pacer;
use crate::account::memory::MemoryAccount;
use crate::ffi;
use crate::lock::lock;
use crate::network::Network;
use crate::proto::engine::{CreateRequest, Interfaces, Limits, Policy};
use crate::refusal::{Answer, Kind, Naming, Refusal};
use crate::wasi::interfaces::keyvalue::MemoryStore;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The root and the network of a container, opened once, and what its guests are given of the root.
pub struct ContainerFiles {
    root: Arc<OwnedFd>,
    namespace: Option<OwnedFd>,
    network: Option<Arc<Network>>,
    interfaces: Interfaces,
    policy: Policy,
}

impl ContainerFiles {
    /// Opens what the request names. A network that it asks for is made, and the calling thread is in it then.
    ///
    /// # Errors
    /// When the root is no directory, the network namespace is not there or cannot be made, or a rule of the policy
    /// is none.
    pub fn open(request: &CreateRequest) -> Answer<Self> {
        let root = &request.root_path;
        let directory = libc::O_PATH | libc::O_DIRECTORY;
        let rules = request.policy.network.clone().unwrap_or_default();
        let root = ffi::fd::open(Path::new(root), directory).refusing(format_args!("open directory {root}"))?;
        let root = Arc::new(root);
        let rules = Network::new(&rules, &root)?;
        Ok(Self {
            root,
            namespace: namespace(request)?,
            network: has_network(request).then_some(rules),
            interfaces: interfaces(request)?,
            policy: request.policy.clone().unwrap_or_default(),
        })
    }

    /// A descriptor of the root for one guest.
    ///
    /// # Errors
    /// When there are no more descriptors.
    pub fn root(&self) -> Answer<OwnedFd> {
        self.root.try_clone().naming("duplicate the root's descriptor")
    }

    /// The network namespace, if it is another one than the engine's.
    pub fn namespace(&self) -> Option<BorrowedFd<'_>> {
        self.namespace.as_ref().map(AsFd::as_fd)
    }

    /// What its guests may do in that network.
    pub fn network(&self) -> Option<&Arc<Network>> {
        self.network.as_ref()
    }

    /// The root, for what reads files of it when they are needed.
    pub fn shared_root(&self) -> &Arc<OwnedFd> {
        &self.root
    }

    /// What its guests may do.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What stands behind the interfaces of its components.
    pub fn interfaces(&self) -> &Interfaces {
        &self.interfaces
    }
}

/// Of the calling thread, once it is in the network it asked for.
const OWN_NETWORK: &str = "/proc/thread-self/ns/net";

fn has_network(request: &CreateRequest) -> bool {
    request.new_network || !request.network_namespace.is_empty()
}

/// What guests that join later enter; a network of the container's own goes with the last who holds it.
fn namespace(request: &CreateRequest) -> Answer<Option<OwnedFd>> {
    let path = match (request.network_namespace.as_str(), request.new_network) {
        ("", false) => return Ok(None),
        ("", true) => {
            ffi::thread::leave_network().naming("make a network namespace")?;
            OWN_NETWORK
        }
        (path, false) => path,
        (path, true) => {
            let why = "a new network namespace has no path";
            return Err(Refusal::invalid(format!("enter network namespace {path}: {why}")));
        }
    };
    ffi::fd::open(Path::new(path), libc::O_RDONLY | libc::O_NONBLOCK)
        .refusing(format_args!("open network namespace {path}"))
        .map(Some)
}

fn interfaces(request: &CreateRequest) -> Answer<Interfaces> {
    let wished = request.interfaces.clone().unwrap_or_default();
    if !has_network(request) && !wished.keyvalue_address.is_empty() {
        let why = "a container without a network of its own (hostNetwork) can have none elsewhere";
        return Err(Refusal::invalid(format!("key-value store: {why}")));
    }
    Ok(wished)
}

#[derive(Default)]
struct Members {
    guests: Vec<Arc<Guest>>,
    admitted: u32,
    paused: bool,
    closed: bool,
    files: Option<Arc<ContainerFiles>>,
}

/// What the guests of a container share; its id is that of the first.
pub struct Container {
    /// The first guest's.
    pub id: String,
    /// Memory figures and limit.
    pub memory: Arc<MemoryAccount>,
    /// Its buckets of `wasi:keyvalue`, if they are not elsewhere; part of its memory.
    pub buckets: Arc<MemoryStore>,
    /// CPU figures and limits.
    pub cpu: Arc<CpuAccount>,
    /// How many of the guests were ended for want of memory.
    pub oom_kills: AtomicU64,
    members: Mutex<Members>,
}

impl Container {
    /// A container without guests.
    pub fn new(id: &str, limits: &Limits, pacer: Arc<Pacer>) -> Arc<Self> {
        let memory = MemoryAccount::new(0);
        let container = Arc::new(Self {
            id: id.to_owned(),
            buckets: MemoryStore::new(memory.clone()),
            memory,
            cpu: CpuAccount::new(pacer),
            oom_kills: AtomicU64::new(0),
            members: Mutex::default(),
        });
        container.limit(limits);
        container
    }

    /// Puts limits in force, also for guests that run.
    pub fn limit(&self, limits: &Limits) {
        let quota = u64::try_from(limits.cpu_quota_us).unwrap_or(0);
        self.memory.set_limit(limits.memory_bytes);
        self.cpu.set_shares(limits.cpu_shares);
        self.cpu.set_quota(
            Duration::from_micros(quota),
            Duration::from_micros(limits.cpu_period_us),
        );
        self.guests().iter().for_each(|guest| guest.control.nudge());
    }

    /// Makes the first guest.
    pub fn found(self: &Arc<Self>) -> Arc<Guest> {
        self.admit(&mut lock(&self.members), &self.id)
    }

    /// Makes a guest that joins the running first one.
    ///
    /// # Errors
    /// When the container has ended or is paused.
    pub fn join(self: &Arc<Self>, id: &str) -> Answer<Arc<Guest>> {
        let mut members = lock(&self.members);
        let refuse = |kind: Kind, why: &str| Err(Refusal::new(kind, format!("exec in {}: it {why}", self.id)));
        let first = members.guests.first().map(|g| g.phase());
        match first {
            _ if members.closed => refuse(Kind::Unknown, "has exited"),
            Some(Phase::Running) if members.paused => refuse(Kind::WrongState, "is paused"),
            Some(Phase::Running) => Ok(self.admit(&mut members, id)),
            _ => refuse(Kind::WrongState, "does not run"),
        }
    }

    fn admit(self: &Arc<Self>, members: &mut Members, id: &str) -> Arc<Guest> {
        let guest = Guest::new(id, self.clone(), members.admitted);
        members.admitted += 1;
        members.guests.push(guest.clone());
        guest
    }

    /// The first guest has opened the container's root and network.
    pub fn settle(&self, files: Arc<ContainerFiles>) {
        lock(&self.members).files = Some(files);
    }

    /// The root and the network.
    ///
    /// # Errors
    /// When the container has ended.
    pub fn files(&self) -> Answer<Arc<ContainerFiles>> {
        let ended = || Refusal::new(Kind::Unknown, format!("exec in {}: it has exited", self.id));
        lock(&self.members).files.clone().ok_or_else(ended)
    }

    /// The guests, the first one first; also those that have exited and are not forgotten.
    pub fn guests(&self) -> Vec<Arc<Guest>> {
        lock(&self.members).guests.clone()
    }

    /// Parks all guests, or lets them go on.
    pub fn set_paused(&self, paused: bool) {
        let mut members = lock(&self.members);
        members.paused = paused;
        members.guests.iter().for_each(|g| g.control.set_paused(paused));
    }

    /// Nobody can join any more, the root is no longer held, and the buckets are empty.
    pub fn close(&self) {
        let mut members = lock(&self.members);
        members.closed = true;
        members.files = None;
        drop(members);
        self.buckets.clear();
    }

    /// Forgets a guest that has exited or never ran.
    pub fn forget(&self, guest: &Arc<Guest>) {
        lock(&self.members).guests.retain(|known| !Arc::ptr_eq(known, guest));
        self.cpu.threads.forget(guest.number);
    }
}
