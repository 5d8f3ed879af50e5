//! The network of a pod, as its guests may use it: names, addresses, and which of them a pod's policy lets them reach.

mod answers;
mod file;
pub mod hostname;
mod hosts;
pub mod lookup;
pub mod names;
pub mod policy;
mod rule;
mod servers;
pub mod trust;

use super::lock;
use crate::proto::engine as wire;
use crate::refusal::Answer;
use answers::Answers;
use hostname::Hostname;
use names::{Failure, Names};
use policy::Policy;
use rule::Ports;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::sockets::SocketAddrUse;

/// What a guest asks for and does not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// No rule is about the name or the address.
    NoRule,
    /// The name may be reached, but none of its addresses for its sake.
    NoAddress,
    /// The name has no address.
    Name(Failure),
}

/// The network of one container.
#[derive(Debug)]
pub struct Network {
    policy: Policy,
    names: Names,
    answers: Mutex<Answers>,
    requests: Arc<Semaphore>,
}

impl Network {
    /// The network of a container with this root.
    ///
    /// # Errors
    /// When a rule of its policy is none.
    pub fn new(wished: &wire::Network, root: &Arc<OwnedFd>) -> Answer<Arc<Self>> {
        let policy = Policy::parse(wished)?;
        Ok(Arc::new(Self {
            names: Names::new(root, policy.restricts()),
            answers: Mutex::default(),
            requests: Arc::new(Semaphore::new(policy.max_requests())),
            policy,
        }))
    }

    /// Its rules.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// To be called as the guest's user and before its first instruction: where rules count, what its files say of names
    /// then is what they say.
    pub fn settle(&self) {
        self.names.settle();
    }

    /// Lets a guest use it.
    pub fn offer(self: &Arc<Self>, wasi: &mut WasiCtxBuilder) {
        let network = self.clone();
        wasi.allow_tcp(true)
            .allow_udp(true)
            .socket_addr_check(move |address, purpose| {
                let allowed = network.allows(address, purpose);
                Box::pin(std::future::ready(allowed))
            });
    }

    /// Whether a socket may be used like that. Whom a socket hears from is not asked: what listens may be spoken to.
    fn allows(&self, address: SocketAddr, purpose: SocketAddrUse) -> bool {
        let port = address.port();
        match purpose {
            SocketAddrUse::TcpConnect | SocketAddrUse::UdpSend => {
                self.policy.reaches(address) || lock(&self.answers).reaches(address)
            }
            // Any port of the kernel's choice: everybody has one who connects or sends.
            SocketAddrUse::TcpBind | SocketAddrUse::UdpBind => port == 0 || self.policy.may_listen(port),
            SocketAddrUse::TcpListen => self.policy.may_listen(port),
            SocketAddrUse::TcpAccept | SocketAddrUse::UdpReceive => true,
        }
    }

    /// The addresses of a name. From now on they may be reached for its sake.
    ///
    /// # Errors
    /// When the name may not be reached, and so is not looked up, or has no address.
    pub async fn look_up(&self, name: &Hostname) -> Result<Vec<IpAddr>, Denial> {
        let ports = self.ports_of(name)?;
        let found = self.names.addresses(name).await.map_err(Denial::Name)?;
        let mut answers = lock(&self.answers);
        for address in found
            .addresses
            .iter()
            .filter(|a| found.from_hosts || may_be_answered(a))
        {
            answers.remember(*address, &ports);
        }
        Ok(found.addresses)
    }

    /// Where a name can be reached at a port.
    ///
    /// # Errors
    /// When it may not be reached there, or has no address.
    pub async fn reach_name(&self, name: &Hostname, port: u16) -> Result<Vec<SocketAddr>, Denial> {
        let ports = self.ports_of(name)?;
        if self.policy.restricts() && !ports.iter().any(|p| p.contains(port)) {
            return Err(Denial::NoRule);
        }
        let found = self.names.addresses(name).await.map_err(Denial::Name)?;
        let may =
            |address: &SocketAddr| found.from_hosts || may_be_answered(&address.ip()) || self.policy.reaches(*address);
        let addresses = found.addresses.iter().map(|ip| SocketAddr::new(*ip, port));
        let addresses: Vec<_> = addresses.filter(|a| !self.policy.restricts() || may(a)).collect();
        match addresses.is_empty() {
            true => Err(Denial::NoAddress),
            false => Ok(addresses),
        }
    }

    /// The same for an address that needs no looking up.
    ///
    /// # Errors
    /// When it may not be reached.
    pub fn reach_address(&self, address: SocketAddr) -> Result<Vec<SocketAddr>, Denial> {
        match self.policy.reaches(address) {
            true => Ok(vec![address]),
            false => Err(Denial::NoRule),
        }
    }

    /// The place of a request among those under way; none if there are too many.
    pub fn place_of_request(&self) -> Option<OwnedSemaphorePermit> {
        self.requests.clone().try_acquire_owned().ok()
    }

    fn ports_of(&self, name: &Hostname) -> Result<Vec<Ports>, Denial> {
        let ports = self.policy.ports_of(name);
        match self.policy.restricts() && ports.is_empty() {
            true => Err(Denial::NoRule),
            false => Ok(ports),
        }
    }
}

/// Whether a name server's word opens an address. Those of the machine itself and of its link are no host's that
/// somebody else has a name for: who lets a name be reached does not mean the metadata service of the cloud.
fn may_be_answered(address: &IpAddr) -> bool {
    !match address {
        IpAddr::V4(a) => {
            a.is_loopback() || a.is_link_local() || a.is_unspecified() || a.is_multicast() || a.is_broadcast()
        }
        IpAddr::V6(a) => a.is_loopback() || a.is_unicast_link_local() || a.is_unspecified() || a.is_multicast(),
    }
}
