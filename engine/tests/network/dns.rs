//! A name server that answers in one network namespace, and only from a table.

use std::collections::HashMap;
use std::net::{IpAddr, UdpSocket};
use std::sync::{Arc, Mutex};

const HEADER: usize = 12;
const A: u16 = 1;
const AAAA: u16 = 28;
const NXDOMAIN: u8 = 3;

/// What the server knows and was asked.
#[derive(Clone, Default)]
pub struct Zone {
    records: Arc<Mutex<HashMap<String, Vec<IpAddr>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Zone {
    /// From now on this name has this address and no other.
    pub fn set(&self, name: &str, address: &str) {
        let addresses = vec![address.parse().unwrap()];
        self.records.lock().unwrap().insert(name.to_owned(), addresses);
    }

    /// Whether anybody asked for it.
    pub fn was_asked(&self, name: &str) -> bool {
        self.asked.lock().unwrap().iter().any(|asked| asked == name)
    }

    /// Answers for as long as the test runs.
    pub fn serve(self, socket: UdpSocket) {
        let mut buffer = [0; 1500];
        while let Ok((n, peer)) = socket.recv_from(&mut buffer) {
            if let Some(answer) = self.answer(&buffer[..n]) {
                socket.send_to(&answer, peer).unwrap();
            }
        }
    }

    fn answer(&self, query: &[u8]) -> Option<Vec<u8>> {
        let (name, end) = name_of(query)?;
        let kind = u16::from_be_bytes(query.get(end..end + 2)?.try_into().ok()?);
        self.asked.lock().unwrap().push(name.clone());
        let known = self.records.lock().unwrap().get(&name).cloned();
        let code = if known.is_some() { 0 } else { NXDOMAIN };
        let of_kind = |a: &IpAddr| kind == if a.is_ipv4() { A } else { AAAA };
        let addresses: Vec<IpAddr> = known.unwrap_or_default().into_iter().filter(of_kind).collect();
        let mut answer = query[..2].to_vec();
        answer.extend([0x85, 0x80 | code, 0, 1, 0, addresses.len() as u8, 0, 0, 0, 0]);
        answer.extend_from_slice(&query[HEADER..end + 4]);
        for address in addresses {
            let bytes = match address {
                IpAddr::V4(a) => a.octets().to_vec(),
                IpAddr::V6(a) => a.octets().to_vec(),
            };
            // The name is the one in the question, the class is the Internet, and it may be kept for a minute.
            answer.extend([
                0xc0,
                HEADER as u8,
                0,
                kind as u8,
                0,
                1,
                0,
                0,
                0,
                60,
                0,
                bytes.len() as u8,
            ]);
            answer.extend(bytes);
        }
        Some(answer)
    }
}

/// The name that is asked for, and where it ends.
fn name_of(query: &[u8]) -> Option<(String, usize)> {
    let (mut labels, mut at) = (Vec::new(), HEADER);
    loop {
        let length = usize::from(*query.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join(".").to_lowercase(), at));
        }
        labels.push(String::from_utf8_lossy(query.get(at..at + length)?).into_owned());
        at += length;
    }
}
