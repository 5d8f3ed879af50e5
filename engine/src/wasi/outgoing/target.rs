//! Where a request goes, as its URI says.

use crate::network::hostname::Hostname;
use hyper::Uri;
use std::net::IpAddr;
use tokio_rustls::rustls::pki_types::ServerName;
use wasmtime_wasi_http::{Error, Result};

/// Whom a URI names.
#[derive(Debug, PartialEq, Eq)]
pub enum TargetHost {
    /// A host by its name.
    Name(Hostname),
    /// An address.
    Address(IpAddr),
}

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// To whom.
    pub host: TargetHost,
    /// At which port.
    pub port: u16,
    /// Whether with TLS.
    pub tls: bool,
}

impl Target {
    /// Where a request for `uri` goes.
    ///
    /// # Errors
    /// When it names nobody, or a user too.
    pub fn of(uri: &Uri) -> Result<Self> {
        let authority = uri.authority().ok_or(Error::HttpRequestUriInvalid)?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(Error::HttpProtocolError),
        };
        let port = match authority.port() {
            Some(port) => port.as_u16(),
            None if tls => 443,
            None => 80,
        };
        if authority.as_str().contains('@') || port == 0 {
            return Err(Error::HttpRequestUriInvalid);
        }
        let host = host(authority.host()).ok_or(Error::HttpRequestUriInvalid)?;
        Ok(Self { host, port, tls })
    }

    /// Whose certificate its answer must come with.
    ///
    /// # Errors
    /// When nobody can have one for that name.
    pub fn server_name(&self) -> Result<ServerName<'static>> {
        match &self.host {
            TargetHost::Address(address) => Ok(ServerName::from(*address)),
            TargetHost::Name(name) => {
                ServerName::try_from(name.as_str().to_owned()).map_err(|_| Error::HttpRequestUriInvalid)
            }
        }
    }
}

fn host(text: &str) -> Option<TargetHost> {
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    match bare.parse::<IpAddr>() {
        Ok(address) => Some(TargetHost::Address(address.to_canonical())),
        Err(_) => Hostname::parse(text).map(TargetHost::Name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(uri: &str) -> Result<Target> {
        Target::of(&uri.parse().unwrap())
    }

    #[test]
    fn the_port_is_that_of_the_scheme_unless_there_is_another() {
        let parts = |uri| target(uri).map(|t| (t.port, t.tls)).unwrap();
        assert_eq!(parts("http://example.com/a"), (80, false));
        assert_eq!(parts("https://example.com"), (443, true));
        assert_eq!(parts("https://[::1]:8443/"), (8443, true));
    }

    #[test]
    fn an_address_is_what_it_means() {
        let address = |text: &str| TargetHost::Address(text.parse().unwrap());
        assert_eq!(target("http://[::ffff:127.0.0.1]/").unwrap().host, address("127.0.0.1"));
        assert_eq!(target("http://[fd00::1]/").unwrap().host, address("fd00::1"));
    }

    #[test]
    fn what_names_nobody_goes_nowhere() {
        for uri in [
            "http://user@example.com/",
            "http://127.1/",
            "http://2130706433/",
            "http://a:0/",
        ] {
            assert!(matches!(target(uri), Err(Error::HttpRequestUriInvalid)), "{uri}");
        }
        assert!(matches!(target("ftp://example.com/"), Err(Error::HttpProtocolError)));
    }
}
