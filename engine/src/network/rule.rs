//! One outbound rule: whom it is about, and at which ports.

use super::hostname::Hostname;
use crate::refusal::{Answer, Refusal};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// Ports from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    first: u16,
    last: u16,
}

impl Ports {
    const ALL: Self = Self {
        first: 0,
        last: u16::MAX,
    };

    /// Reads `PORT` or `FIRST-LAST`.
    pub fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let port = |text: &str| match text.bytes().all(|b| b.is_ascii_digit()) {
            true => text.parse().ok().filter(|p| *p > 0),
            false => None,
        };
        let ports = Self {
            first: port(first)?,
            last: port(last)?,
        };
        (ports.first <= ports.last).then_some(ports)
    }

    /// Whether the port is one of them.
    pub fn contains(&self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Peers {
    Named(Hostname),
    Below(Hostname),
    At(IpNet),
}

/// Whom a guest may reach, and at which ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    peers: Peers,
    ports: Ports,
}

impl Rule {
    /// Reads `NAME`, `*.NAME`, `ADDRESS` or `CIDR`, each with an optional `:PORT` or `:FIRST-LAST` behind it.
    ///
    /// # Errors
    /// When the text is none of these; the sentence names it.
    pub fn parse(text: &str) -> Answer<Self> {
        let refuse = |why: &str| Refusal::invalid(format!("outbound rule '{text}': {why}"));
        let (peers, ports) =
            split(text).ok_or_else(|| refuse("a bracket is closed, and then comes :PORTS or nothing"))?;
        let ports = match ports {
            None => Ports::ALL,
            Some(ports) => Ports::parse(ports).ok_or_else(|| refuse("the ports are not PORT or FIRST-LAST"))?,
        };
        let peers = peers_of(peers).ok_or_else(|| refuse("not NAME, *.NAME, ADDRESS or CIDR"))?;
        Ok(Self { peers, ports })
    }

    /// The ports at which it lets a host of this name be reached, if it is about it.
    pub fn ports_of(&self, name: &Hostname) -> Option<Ports> {
        let about = match &self.peers {
            Peers::Named(rule) => name.is(rule),
            Peers::Below(rule) => name.is_below(rule),
            Peers::At(_) => false,
        };
        about.then_some(self.ports)
    }

    /// The ports at which it lets every address of a family be reached: those of any name are among them.
    pub fn ports_of_all(&self) -> Option<Ports> {
        match &self.peers {
            Peers::At(network) if network.prefix_len() == 0 => Some(self.ports),
            _ => None,
        }
    }

    /// Whether it lets this address be reached, whatever its name.
    pub fn reaches(&self, address: SocketAddr) -> bool {
        match &self.peers {
            Peers::At(network) => network.contains(&address.ip().to_canonical()) && self.ports.contains(address.port()),
            _ => false,
        }
    }
}

/// Peers and ports. More than one colon outside of brackets is an IPv6 address without ports.
fn split(text: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (inside, behind) = rest.split_once(']')?;
        return match behind {
            "" => Some((inside, None)),
            _ => Some((inside, Some(behind.strip_prefix(':')?))),
        };
    }
    Some(match text.split_once(':') {
        Some((peers, ports)) if !ports.contains(':') => (peers, Some(ports)),
        _ => (text, None),
    })
}

fn peers_of(text: &str) -> Option<Peers> {
    if let Some(network) = network_of(text) {
        return Some(Peers::At(network));
    }
    match text.strip_prefix("*.") {
        Some(name) => Hostname::parse(name).map(Peers::Below),
        None => Hostname::parse(text).map(Peers::Named),
    }
}

/// An IPv4 address that is written as one of IPv6 is what it means.
fn network_of(text: &str) -> Option<IpNet> {
    match text.parse::<IpAddr>() {
        Ok(address) => Some(IpNet::from(address.to_canonical())),
        Err(_) => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reaches(rule: &str, address: &str) -> bool {
        Rule::parse(rule).unwrap().reaches(address.parse().unwrap())
    }

    fn allows(rule: &str, name: &str, port: u16) -> bool {
        let name = Hostname::parse(name).unwrap();
        let ports = Rule::parse(rule).unwrap().ports_of(&name);
        ports.is_some_and(|p| p.contains(port))
    }

    #[test]
    fn addresses_and_networks_with_and_without_ports() {
        assert!(reaches("10.0.0.1", "10.0.0.1:1") && !reaches("10.0.0.1", "10.0.0.2:1"));
        assert!(reaches("10.0.0.0/8:80", "10.9.9.9:80") && !reaches("10.0.0.0/8:80", "10.9.9.9:81"));
        assert!(reaches("10.0.0.0/8:80-90", "10.9.9.9:90") && !reaches("10.0.0.0/8", "11.0.0.1:80"));
        assert!(reaches("::1", "[::1]:9") && reaches("[::1]:9", "[::1]:9") && !reaches("[::1]:9", "[::1]:8"));
        assert!(reaches("fd00::/8", "[fd00::7]:1") && reaches("[fd00::/8]:1-2", "[fd00::7]:2"));
        assert!(reaches("127.0.0.1", "[::ffff:127.0.0.1]:1") && reaches("::ffff:127.0.0.1", "127.0.0.1:1"));
        assert!(!reaches("example.com", "10.0.0.1:80"));
    }

    #[test]
    fn names_and_all_below_one() {
        assert!(allows("Example.com.", "example.COM", 1) && !allows("example.com", "a.example.com", 1));
        assert!(allows("*.example.com:443", "a.b.example.com", 443));
        assert!(!allows("*.example.com:443", "a.example.com", 80) && !allows("*.example.com", "example.com", 80));
        assert!(!allows("10.0.0.1", "a", 80));
    }

    #[test]
    fn what_is_no_rule_is_refused_by_its_text() {
        for text in [
            "",
            "*",
            "*.",
            "a b",
            "10.0.0.256",
            "10.0.0.0/33",
            "a:",
            "a:0",
            "a:80-",
            "a:90-80",
            "a:+80",
            "a:http",
            "a:70000",
            "[::1",
            "[::1]80",
            "https://a",
            "a*.b",
            "::1:99999",
        ] {
            let refusal = Rule::parse(text).unwrap_err();
            assert!(
                refusal.sentence.contains(&format!("outbound rule '{text}'")),
                "{refusal}"
            );
        }
    }
}
