//! Names, looked up as the container's own files say, in the network of its pod.
//!
//! libc would read the node's files: this process is the node's. So `/etc/hosts` and `/etc/resolv.conf` of the
//! container's root are read here, and its name servers asked by the guest's own thread.

use super::file::GuestFile;
use super::hostname::Hostname;
use super::hosts::Hosts;
use super::servers::Servers;
use hickory_resolver::TokioResolver;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

const MAX_BYTES: usize = 256 << 10;
/// Of one name; more are not told.
const MAX_ADDRESSES: usize = 64;
/// Lookups at once; each may have a few sockets. More wait.
const MAX_LOOKUPS: usize = 16;
/// For one lookup, with all that is appended to the name and all servers.
const DEADLINE: Duration = Duration::from_secs(30);

/// Why a name has no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The servers know none; the code of their answer.
    Unknown(String),
    /// The servers do not say; the code of their answer.
    Refused(String),
    /// Nobody answered.
    Timeout,
    /// Nobody could be asked.
    Impossible(String),
}

/// Addresses of a name, those of IPv4 first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// At least one.
    pub addresses: Vec<IpAddr>,
    /// Whether the container's own file has them, and not a name server.
    pub from_hosts: bool,
}

#[derive(Clone, Debug)]
struct Files {
    hosts: Arc<Hosts>,
    servers: Arc<Servers>,
}

/// The names of one container.
#[derive(Debug)]
pub struct Names {
    hosts: GuestFile<Hosts>,
    servers: GuestFile<Servers>,
    settled: Option<OnceLock<Result<Files, Failure>>>,
    room: Semaphore,
}

impl Names {
    /// Names as the files of `root` say: at the time of each lookup, or for good from [`Names::settle`] on, where it
    /// matters that the guest does not change them.
    pub fn new(root: &Arc<OwnedFd>, for_good: bool) -> Self {
        Self {
            hosts: GuestFile::new(root.clone(), "/etc/hosts", MAX_BYTES, Hosts::parse),
            servers: GuestFile::new(root.clone(), "/etc/resolv.conf", MAX_BYTES, Servers::parse),
            settled: for_good.then(OnceLock::new),
            room: Semaphore::new(MAX_LOOKUPS),
        }
    }

    /// From now on changes of the files do not count, if that was asked for.
    pub fn settle(&self) {
        if self.settled.is_some() {
            let _ = self.files();
        }
    }

    fn files(&self) -> Result<Files, Failure> {
        match &self.settled {
            Some(settled) => settled.get_or_init(|| self.read()).clone(),
            None => self.read(),
        }
    }

    fn read(&self) -> Result<Files, Failure> {
        let failed = |path: &str, e: std::io::Error| Failure::Impossible(format!("read {path}: {e}"));
        let hosts = self.hosts.content().map_err(|e| failed("/etc/hosts", e))?;
        let servers = self.servers.content().map_err(|e| failed("/etc/resolv.conf", e))?;
        Ok(Files {
            hosts: hosts.unwrap_or_default(),
            servers: servers.unwrap_or_default(),
        })
    }

    /// The addresses of a name.
    ///
    /// # Errors
    /// When there is none, or nobody says.
    pub async fn addresses(&self, name: &Hostname) -> Result<Found, Failure> {
        let files = self.files()?;
        let (addresses, from_hosts) = match files.hosts.addresses(name) {
            Some(addresses) => (addresses, true),
            None => (self.ask(&files.servers, name).await?, false),
        };
        let (mut four, six): (Vec<IpAddr>, Vec<IpAddr>) = addresses.into_iter().partition(IpAddr::is_ipv4);
        four.extend(six);
        four.truncate(MAX_ADDRESSES);
        Ok(Found {
            addresses: four,
            from_hosts,
        })
    }

    async fn ask(&self, servers: &Servers, name: &Hostname) -> Result<Vec<IpAddr>, Failure> {
        if servers.is_empty() {
            return Err(Failure::Impossible("/etc/resolv.conf names no server".to_owned()));
        }
        let asked = async {
            let _room = self.room.acquire().await;
            look_up(servers, name).await
        };
        timeout(DEADLINE, asked).await.unwrap_or(Err(Failure::Timeout))
    }
}

/// The sockets and tasks of a resolver are of the thread that made it, and it is gone with its answer.
async fn look_up(servers: &Servers, name: &Hostname) -> Result<Vec<IpAddr>, Failure> {
    let text = match name.is_absolute() {
        true => format!("{name}."),
        false => name.to_string(),
    };
    let resolver = TokioResolver::builder_with_config(servers.config.clone(), TokioRuntimeProvider::default())
        .with_options(servers.options.clone())
        .build()
        .map_err(|e| failure(&e))?;
    let found = resolver.lookup_ip(text).await.map_err(|e| failure(&e))?;
    let addresses: Vec<IpAddr> = found.iter().map(|address| address.to_canonical()).collect();
    match addresses.is_empty() {
        true => Err(Failure::Unknown(code(ResponseCode::NoError))),
        false => Ok(addresses),
    }
}

fn failure(error: &NetError) -> Failure {
    match error {
        NetError::Timeout => Failure::Timeout,
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            known @ (ResponseCode::NXDomain | ResponseCode::NoError) => Failure::Unknown(code(known)),
            other => Failure::Refused(code(other)),
        },
        NetError::Dns(DnsError::ResponseCode(other)) => Failure::Refused(code(*other)),
        other => Failure::Impossible(other.to_string()),
    }
}

/// As name servers' logs have it.
fn code(code: ResponseCode) -> String {
    match code {
        ResponseCode::NXDomain => "NXDOMAIN".to_owned(),
        ResponseCode::NoError => "NOERROR".to_owned(),
        ResponseCode::ServFail => "SERVFAIL".to_owned(),
        ResponseCode::Refused => "REFUSED".to_owned(),
        ResponseCode::FormErr => "FORMERR".to_owned(),
        ResponseCode::NotImp => "NOTIMP".to_owned(),
        other => other.to_string().to_uppercase(),
    }
}
