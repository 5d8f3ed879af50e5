//! Where a service listens: a variable of its environment says it.

use crate::refusal::{Answer, Refusal, explained};
use crate::template::Template;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

const PORT: u16 = 8080;
/// Names of a whole address, the first one that is set counting; the second is what runwasi's shim reads.
const ADDRESSES: [&str; 2] = ["KRUSTLET_HTTP_ADDR", "WASMTIME_HTTP_PROXY_SOCKET_ADDR"];
/// The name of a port of all addresses.
const PORT_ALONE: &str = "PORT";

/// An address to listen at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenAddress {
    /// This one.
    One(SocketAddr),
    /// All of the pod, of both families.
    All(u16),
}

impl ListenAddress {
    /// What the environment says, or port 8080: of all addresses in a pod, of this machine alone outside one.
    ///
    /// # Errors
    /// When a variable holds no address or port.
    pub fn of(template: &Template) -> Answer<Self> {
        Self::read(&template.env, template.network.is_some())
    }

    fn read(env: &[String], pod: bool) -> Answer<Self> {
        let value = |name: &str| env.iter().find_map(|e| e.strip_prefix(name)?.strip_prefix('='));
        let refuse =
            |name, value, what| Refusal::invalid(format!("environment variable {name}: '{value}' is no {what}"));
        for name in ADDRESSES {
            if let Some(value) = value(name).filter(|v| !v.is_empty()) {
                let parsed: Result<SocketAddr, _> = value.parse();
                return parsed.map(Self::One).map_err(|_| refuse(name, value, "ADDRESS:PORT"));
            }
        }
        let port = match value(PORT_ALONE).filter(|v| !v.is_empty()) {
            Some(value) => value.parse().map_err(|_| refuse(PORT_ALONE, value, "port"))?,
            None => PORT,
        };
        Ok(match pod {
            true => Self::All(port),
            false => Self::One(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)),
        })
    }

    /// Its port.
    pub fn port(self) -> u16 {
        match self {
            Self::One(address) => address.port(),
            Self::All(port) => port,
        }
    }

    /// Listens there.
    ///
    /// # Errors
    /// `listen at ADDRESS: cause`.
    pub fn listen(self) -> io::Result<tokio::net::TcpListener> {
        let (bound, address) = match self {
            Self::One(address) => (TcpListener::bind(address), address),
            Self::All(port) => {
                // One socket of IPv6 takes both families, where there is IPv6.
                let four = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port);
                let both = TcpListener::bind(SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port));
                let without =
                    |e: &io::Error| matches!(e.raw_os_error(), Some(libc::EAFNOSUPPORT | libc::EADDRNOTAVAIL));
                match both {
                    Err(e) if without(&e) => (TcpListener::bind(four), four),
                    other => (other, four),
                }
            }
        };
        let listener = bound.and_then(|listener| {
            listener.set_nonblocking(true)?;
            tokio::net::TcpListener::from_std(listener)
        });
        listener
            .map_err(explained)
            .map_err(|e| io::Error::new(e.kind(), format!("listen at {address}: {e}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(env: &[&str], pod: bool) -> Answer<ListenAddress> {
        let env: Vec<String> = env.iter().map(|e| (*e).to_owned()).collect();
        ListenAddress::read(&env, pod)
    }

    #[test]
    fn the_environment_says_where() {
        let one = |text: &str| ListenAddress::One(text.parse().unwrap());
        assert_eq!(read(&[], true).unwrap(), ListenAddress::All(8080));
        assert_eq!(read(&["PORT="], false).unwrap(), one("127.0.0.1:8080"));
        assert_eq!(read(&["PORT=80", "PORTS=1"], true).unwrap(), ListenAddress::All(80));
        assert_eq!(
            read(&["PORT=9", "WASMTIME_HTTP_PROXY_SOCKET_ADDR=[::1]:7"], true).unwrap(),
            one("[::1]:7")
        );
        let all = [
            "WASMTIME_HTTP_PROXY_SOCKET_ADDR=[::1]:7",
            "KRUSTLET_HTTP_ADDR=10.0.0.1:70",
        ];
        assert_eq!(read(&all, true).unwrap(), one("10.0.0.1:70"));
    }

    #[test]
    fn what_is_no_address_is_refused_by_name() {
        for (variable, name) in [
            ("PORT=http", "PORT"),
            ("PORT=70000", "PORT"),
            ("KRUSTLET_HTTP_ADDR=8080", "KRUSTLET_HTTP_ADDR"),
        ] {
            let refusal = read(&[variable], true).unwrap_err();
            assert!(
                refusal.sentence.contains(name) && refusal.sentence.contains("is no "),
                "{refusal}"
            );
        }
    }
}
