//! The way to a server: its addresses, a connection to one of them, TLS.

use super::failure::{of_connect, of_denial, of_tls};
use super::target::{Target, TargetHost};
use crate::network::Network;
use crate::network::trust::Trust;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use wasmtime_wasi_http::{Error, Result};

/// What HTTP is spoken over.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A connection to a server.
pub struct Connection {
    /// Its bytes.
    pub wire: Box<dyn Wire>,
    /// Whether both sides have agreed on HTTP/2.
    pub http2: bool,
}

/// Connects within `time`.
///
/// # Errors
/// What became of it instead.
pub async fn connect(network: &Network, trust: &Trust, target: &Target, time: Duration) -> Result<Connection> {
    let deadline = Instant::now() + time;
    let addresses = match timeout_at(deadline, addresses(network, target)).await {
        Ok(addresses) => addresses?,
        Err(_) => return Err(Error::DnsTimeout),
    };
    let connected = async {
        let stream = reach(&addresses, deadline).await?;
        // A request in two writes would wait for the server's acknowledgement of the first.
        let _ = stream.set_nodelay(true);
        match target.tls {
            true => secure(trust, target, stream).await,
            false => Ok(plain(stream)),
        }
    };
    let connected = timeout_at(deadline, connected).await;
    connected.unwrap_or(Err(Error::ConnectionTimeout))
}

/// Only addresses that may be reached, and to which it really connects: what the name is by then does not count.
async fn addresses(network: &Network, target: &Target) -> Result<Vec<SocketAddr>> {
    let reached = match &target.host {
        TargetHost::Name(name) => network.reach_name(name, target.port).await,
        TargetHost::Address(address) => network.reach_address(SocketAddr::new(*address, target.port)),
    };
    reached.map_err(of_denial)
}

/// The first address that answers. Each has its share of the time, so that a dead one leaves some to the next.
async fn reach(addresses: &[SocketAddr], deadline: Instant) -> Result<TcpStream> {
    let mut last = Error::DestinationUnavailable;
    for (n, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - n).unwrap_or(u32::MAX);
        last = match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(e)) => of_connect(&e),
            Err(_) => Error::ConnectionTimeout,
        };
    }
    Err(last)
}

fn plain(stream: TcpStream) -> Connection {
    Connection {
        wire: Box::new(stream),
        http2: false,
    }
}

async fn secure(trust: &Trust, target: &Target, stream: TcpStream) -> Result<Connection> {
    let config = trust.config().map_err(|_| Error::ConfigurationError)?;
    let connecting = TlsConnector::from(config).connect(target.server_name()?, stream);
    let stream = connecting.await.map_err(|e| of_tls(&e))?;
    Ok(Connection {
        http2: stream.get_ref().1.alpn_protocol() == Some(b"h2"),
        wire: Box::new(stream),
    })
}
