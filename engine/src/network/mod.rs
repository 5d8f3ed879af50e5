//! The network of a pod, as its guests may use it: names, addresses, and which of them a pod's policy lets them reach.

mod answers;
mod file;
pub mod hostname;
mod hosts;
pub mod names;
pub mod policy;
mod rule;
mod servers;
pub mod trust;

use crate::lock::lock;
use crate::proto::engine as wire;
use crate::refusal::Answer;
use answers::Answers;
use hostname::Hostname;
use names::{Failure, Found, Names};
use policy::NetworkPolicy;
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
    policy: NetworkPolicy,
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
        let policy = NetworkPolicy::parse(wished)?;
        Ok(Arc::new(Self {
            names: Names::new(root, policy.restricts()),
            answers: Mutex::default(),
            requests: Arc::new(Semaphore::new(policy.max_requests())),
            policy,
        }))
    }

    /// Its rules.
    pub fn policy(&self) -> &NetworkPolicy {
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
        let found = self.find(name, |_| true).await?;
        let ports = self.policy.ports_of(name);
        if !ports.is_empty() {
            let mut answers = lock(&self.answers);
            let opened = found.addresses.iter().filter(|a| opens(&found, a));
            opened.for_each(|address| answers.remember(*address, &ports));
        }
        Ok(found.addresses)
    }

    /// Where a name can be reached at a port.
    ///
    /// # Errors
    /// When it may not be reached there, or has no address.
    pub async fn reach_name(&self, name: &Hostname, port: u16) -> Result<Vec<SocketAddr>, Denial> {
        let found = self.find(name, |ports| ports.contains(port)).await?;
        let by_name = self.policy.ports_of(name).iter().any(|p| p.contains(port));
        let may = |address: &SocketAddr| self.policy.reaches(*address) || by_name && opens(&found, &address.ip());
        let addresses = found.addresses.iter().map(|ip| SocketAddr::new(*ip, port));
        let addresses: Vec<_> = addresses.filter(may).collect();
        match addresses.is_empty() {
            true => Err(Denial::NoAddress),
            false => Ok(addresses),
        }
    }

    async fn find(&self, name: &Hostname, wanted: impl Fn(&Ports) -> bool) -> Result<Found, Denial> {
        if !self.policy.may_ask_for(name, wanted) {
            return Err(Denial::NoRule);
        }
        self.names.addresses(name).await.map_err(Denial::Name)
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

    /// What a request holds while it is under way; none if there are too many.
    pub fn permit_of_request(&self) -> Option<OwnedSemaphorePermit> {
        self.requests.clone().try_acquire_owned().ok()
    }
}

/// Whether an address may be reached for its name's sake. A name server's word does not open those of the machine itself
/// and of its link: who lets a name be reached does not mean the metadata service of the cloud.
fn opens(found: &Found, address: &IpAddr) -> bool {
    found.from_hosts
        || !match address {
            IpAddr::V4(a) => {
                a.is_loopback() || a.is_link_local() || a.is_unspecified() || a.is_multicast() || a.is_broadcast()
            }
            IpAddr::V6(a) => a.is_loopback() || a.is_unicast_link_local() || a.is_unspecified() || a.is_multicast(),
        }
}
