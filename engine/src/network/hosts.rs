//! `/etc/hosts`.

use super::hostname::Hostname;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The names of a hosts file with all their addresses, in the file's order.
#[derive(Debug, Default)]
pub struct Hosts(HashMap<String, Vec<IpAddr>>);

impl Hosts {
    /// Reads the file; what is no line of one is passed over.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut hosts = Self::default();
        for line in String::from_utf8_lossy(bytes).lines() {
            let line = line.split('#').next().unwrap_or_default();
            let mut fields = line.split_ascii_whitespace();
            let Some(address) = fields.next().and_then(|f| f.parse::<IpAddr>().ok()) else {
                continue;
            };
            for name in fields.filter_map(Hostname::parse) {
                let addresses = hosts.0.entry(name.as_str().to_owned()).or_default();
                addresses.push(address.to_canonical());
            }
        }
        hosts
    }

    /// The addresses of a name; those of `localhost` are known without a file.
    pub fn addresses(&self, name: &Hostname) -> Option<Vec<IpAddr>> {
        if let Some(addresses) = self.0.get(name.as_str()) {
            return Some(addresses.clone());
        }
        let local = name.as_str() == "localhost" || name.as_str().ends_with(".localhost");
        local.then(|| vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str, name: &str) -> Option<Vec<IpAddr>> {
        Hosts::parse(text.as_bytes()).addresses(&Hostname::parse(name).unwrap())
    }

    #[test]
    fn a_name_has_the_addresses_of_all_its_lines() {
        let text = "# Kubernetes\n10.0.0.1\tDB db.local # the first\nno-address db\nfd00::1 db\n\n10.0.0.2\n";
        let both: Vec<IpAddr> = vec!["10.0.0.1".parse().unwrap(), "fd00::1".parse().unwrap()];
        assert_eq!(addresses(text, "db"), Some(both.clone()));
        assert_eq!(addresses(text, "DB.local."), Some(both[..1].to_vec()));
        assert_eq!(addresses(text, "first"), None);
    }

    #[test]
    fn localhost_is_what_the_file_says_or_the_loopback() {
        let loopback: Vec<IpAddr> = vec!["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()];
        assert_eq!(addresses("", "localhost"), Some(loopback.clone()));
        assert_eq!(addresses("", "a.localhost"), Some(loopback));
        assert_eq!(addresses("127.0.0.2 localhost", "localhost").unwrap().len(), 1);
    }
}
