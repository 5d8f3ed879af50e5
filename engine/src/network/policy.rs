//! What the pod lets its guests reach, and where it lets them listen.

use super::hostname::Hostname;
use super::rule::{Ports, Rule};
use crate::account::limits::max_handles;
use crate::ffi;
use crate::proto::engine as wire;
use crate::refusal::{Answer, Refusal};
use std::net::SocketAddr;

const MAX_RULES: usize = 256;
/// Requests under way at once, where the pod asks for no other number.
const MAX_REQUESTS: usize = 256;

/// The rules of one container.
#[derive(Clone, Debug)]
pub struct NetworkPolicy {
    outbound: Option<Vec<Rule>>,
    inbound: Option<Vec<Ports>>,
    max_requests: usize,
}

impl NetworkPolicy {
    /// Reads the rules.
    ///
    /// # Errors
    /// When one is none, which the sentence names, or there are too many.
    pub fn parse(wished: &wire::Network) -> Answer<Self> {
        bounded("outbound", &wished.outbound)?;
        bounded("inbound", &wished.inbound)?;
        let outbound = wished.outbound.iter().map(|text| Rule::parse(text));
        let outbound = outbound.collect::<Answer<_>>()?;
        let inbound = wished.inbound.iter().map(|text| inbound_rule(text));
        let inbound = inbound.collect::<Answer<_>>()?;
        let requests = match wished.max_outgoing_requests {
            0 => MAX_REQUESTS,
            n => usize::try_from(n).unwrap_or(usize::MAX),
        };
        Ok(Self {
            outbound: wished.outbound_restricted.then_some(outbound),
            inbound: wished.inbound_restricted.then_some(inbound),
            max_requests: requests.min(max_handles(ffi::limits::descriptors())),
        })
    }

    /// Whether not everything may be reached.
    pub fn restricts(&self) -> bool {
        self.outbound.is_some()
    }

    /// Whether a host of this name may be reached at one of `ports`. If not, nobody is asked for its addresses: what
    /// name servers are asked reaches others, too.
    pub fn may_ask_for(&self, name: &Hostname, wanted: impl Fn(&Ports) -> bool) -> bool {
        let rule = |rule: &Rule| {
            let ports = rule.ports_of(name).or(rule.ports_of_all());
            ports.is_some_and(|ports| wanted(&ports))
        };
        self.outbound.as_ref().is_none_or(|rules| rules.iter().any(rule))
    }

    /// The ports at which a host of this name may be reached for its name's sake; empty is that it may not be.
    pub fn ports_of(&self, name: &Hostname) -> Vec<Ports> {
        let rules = self.outbound.iter().flatten();
        rules.filter_map(|rule| rule.ports_of(name)).collect()
    }

    /// Whether this address may be reached whatever its name.
    pub fn reaches(&self, address: SocketAddr) -> bool {
        let rules = |rules: &Vec<Rule>| rules.iter().any(|rule| rule.reaches(address));
        self.outbound.as_ref().is_none_or(rules)
    }

    /// Refuses what is at an address that may not be reached.
    ///
    /// # Errors
    /// When no outbound rule has the address.
    pub fn expect_reaching(&self, what: &str, address: SocketAddr) -> Answer<()> {
        match self.reaches(address) {
            true => Ok(()),
            false => Err(Refusal::invalid(format!("{what}: no outbound rule has {address}"))),
        }
    }

    /// Whether this port may be listened at.
    pub fn may_listen(&self, port: u16) -> bool {
        let rules = |rules: &Vec<Ports>| rules.iter().any(|ports| ports.contains(port));
        self.inbound.as_ref().is_none_or(rules)
    }

    /// Refuses what cannot listen at this port.
    ///
    /// # Errors
    /// When no inbound rule has the port.
    pub fn expect_listening(&self, what: &str, port: u16) -> Answer<()> {
        match self.may_listen(port) {
            true => Ok(()),
            false => Err(Refusal::invalid(format!("{what}: no inbound rule has port {port}"))),
        }
    }

    /// How many requests may be under way at once.
    pub fn max_requests(&self) -> usize {
        self.max_requests
    }
}

fn bounded(what: &str, rules: &[String]) -> Answer<()> {
    match rules.len() <= MAX_RULES {
        true => Ok(()),
        false => Err(Refusal::invalid(format!(
            "{what} rules: {} are given, and at most {MAX_RULES} may be",
            rules.len()
        ))),
    }
}

fn inbound_rule(text: &str) -> Answer<Ports> {
    let refuse = || Refusal::invalid(format!("inbound rule '{text}': not PORT or FIRST-LAST"));
    Ports::parse(text).ok_or_else(refuse)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(change: impl FnOnce(&mut wire::Network)) -> Answer<NetworkPolicy> {
        let mut network = wire::Network::new();
        change(&mut network);
        NetworkPolicy::parse(&network)
    }

    #[test]
    fn without_restrictions_everything_may_be_reached_and_listened_at() {
        let policy = policy(|_| {}).unwrap();
        assert!(policy.reaches("127.0.0.1:1".parse().unwrap()) && policy.may_listen(1) && !policy.restricts());
    }

    #[test]
    fn a_restriction_without_rules_leaves_nothing() {
        let policy = policy(|n| (n.outbound_restricted, n.inbound_restricted) = (true, true)).unwrap();
        assert!(!policy.reaches("127.0.0.1:1".parse().unwrap()) && !policy.may_listen(8080));
        let refusal = policy.expect_listening("serve HTTP", 8080).unwrap_err();
        assert_eq!(refusal.sentence, "serve HTTP: no inbound rule has port 8080");
    }

    #[test]
    fn rules_are_read_even_where_nothing_is_restricted() {
        let inbound = policy(|n| n.inbound = vec!["80-70".into()]).unwrap_err();
        assert_eq!(inbound.sentence, "inbound rule '80-70': not PORT or FIRST-LAST");
        let many = policy(|n| n.outbound = vec!["a".into(); 257]).unwrap_err();
        assert!(many.sentence.contains("257 are given, and at most 256"), "{many}");
    }
}
