//! Which addresses are reachable because a name server gave them to a guest for a name that it may reach.

use super::rule::Ports;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

/// Addresses that are remembered; of more, those go that were given longest ago.
const MAX_REMEMBERED: usize = 1024;

#[derive(Debug, Default)]
struct Answer {
    given: u64,
    ports: Vec<Ports>,
}

/// The answers of one container.
#[derive(Debug, Default)]
pub struct Answers {
    addresses: HashMap<IpAddr, Answer>,
    clock: u64,
}

impl Answers {
    /// Remembers that `address` may be reached at `ports`.
    pub fn remember(&mut self, address: IpAddr, ports: &[Ports]) {
        self.clock += 1;
        if self.addresses.len() == MAX_REMEMBERED && !self.addresses.contains_key(&address) {
            self.forget_oldest();
        }
        let answer = self.addresses.entry(address).or_default();
        answer.given = self.clock;
        for ports in ports {
            if !answer.ports.contains(ports) {
                answer.ports.push(*ports);
            }
        }
    }

    /// Whether it may be reached.
    pub fn reaches(&self, address: SocketAddr) -> bool {
        let answer = self.addresses.get(&address.ip().to_canonical());
        answer.is_some_and(|a| a.ports.iter().any(|ports| ports.contains(address.port())))
    }

    fn forget_oldest(&mut self) {
        let oldest = self.addresses.iter().min_by_key(|(_, answer)| answer.given);
        if let Some(address) = oldest.map(|(address, _)| *address) {
            self.addresses.remove(&address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from(n))
    }

    #[test]
    fn an_address_is_reachable_at_the_ports_of_its_names() {
        let mut answers = Answers::default();
        answers.remember(address(1), &[Ports::parse("80").unwrap()]);
        answers.remember(address(1), &[Ports::parse("443").unwrap()]);
        let reaches = |n, port| answers.reaches(SocketAddr::new(address(n), port));
        assert!(reaches(1, 80) && reaches(1, 443) && !reaches(1, 81) && !reaches(2, 80));
    }

    #[test]
    fn the_memory_is_bounded_and_what_was_given_last_stays() {
        let (mut answers, all) = (Answers::default(), [Ports::parse("1-65535").unwrap()]);
        for n in 0..2000 {
            answers.remember(address(0), &all);
            answers.remember(address(n), &all);
        }
        let reaches = |n| answers.reaches(SocketAddr::new(address(n), 1));
        assert_eq!(answers.addresses.len(), MAX_REMEMBERED);
        assert!(reaches(0) && reaches(1999) && !reaches(1));
    }
}
