//! `/etc/resolv.conf`: whom to ask for names, what to append to them, how long to wait.

use hickory_resolver::config::{LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::proto::rr::Name;
use resolv_conf::{Config, ScopedIp};
use std::net::IpAddr;
use std::time::Duration;

/// As libc has it.
const MAX_SERVERS: usize = 3;
/// As Kubernetes has it.
const MAX_SEARCH: usize = 32;
/// The most that libc takes from the file.
const MAX_NDOTS: u32 = 15;
const MAX_TIMEOUT: u32 = 30;
const MAX_ATTEMPTS: u32 = 5;

/// A container's name servers.
#[derive(Debug, Default)]
pub struct Servers {
    /// Whom to ask, and with what appended.
    pub config: ResolverConfig,
    /// How to ask.
    pub options: ResolverOpts,
}

impl Servers {
    /// Reads the file; what is no line of one is passed over.
    pub fn parse(bytes: &[u8]) -> Self {
        let (file, _) = Config::parse_with_errors(bytes);
        let servers = file.nameservers.iter().take(MAX_SERVERS).map(address);
        let search = file.get_last_search_or_domain().take(MAX_SEARCH);
        Self {
            config: ResolverConfig::from_parts(
                None,
                search.filter_map(|domain| Name::from_ascii(domain).ok()).collect(),
                servers.map(NameServerConfig::udp_and_tcp).collect(),
            ),
            options: options(&file),
        }
    }

    /// Whether nobody can be asked.
    pub fn is_empty(&self) -> bool {
        self.config.name_servers().is_empty()
    }
}

fn address(server: &ScopedIp) -> IpAddr {
    match server {
        ScopedIp::V4(address) => IpAddr::V4(*address),
        ScopedIp::V6(address, _) => IpAddr::V6(*address),
    }
}

/// An answer is asked for each time, as libc does: a name is what its servers say now.
fn options(file: &Config) -> ResolverOpts {
    let mut options = ResolverOpts::default();
    options.ndots = file.ndots.min(MAX_NDOTS) as usize;
    options.timeout = Duration::from_secs(file.timeout.clamp(1, MAX_TIMEOUT).into());
    // Of which the first is no second one.
    options.attempts = file.attempts.clamp(1, MAX_ATTEMPTS) as usize - 1;
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    options.use_hosts_file = ResolveHosts::Never;
    options.cache_size = 0;
    options.num_concurrent_reqs = 1;
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubelets_write_is_understood() {
        let text = "search ns.svc.cluster.local svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5\nnonsense\n";
        let servers = Servers::parse(text.as_bytes());
        let search: Vec<String> = servers.config.search().iter().map(Name::to_string).collect();
        assert_eq!(search.len(), 2);
        assert!(search[0].starts_with("ns.svc.cluster.local"), "{search:?}");
        assert_eq!(servers.config.name_servers()[0].ip, IpAddr::from([10, 96, 0, 10]));
        assert_eq!((servers.options.ndots, servers.options.attempts), (5, 1));
    }

    #[test]
    fn a_hostile_file_asks_no_more_than_libc_would() {
        let many = "nameserver 10.0.0.1\n".repeat(1000);
        let text = format!("{many}options timeout:99999 attempts:99999 ndots:99999\n");
        let servers = Servers::parse(text.as_bytes());
        assert_eq!(servers.config.name_servers().len(), MAX_SERVERS);
        assert_eq!(servers.options.timeout, Duration::from_secs(30));
        assert_eq!((servers.options.ndots, servers.options.attempts), (15, 4));
        assert!(Servers::parse(b"\xff\xfe search").is_empty());
    }
}
