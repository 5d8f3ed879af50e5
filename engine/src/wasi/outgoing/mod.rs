//! Requests that a guest sends, in the network of its pod. Each has a connection of its own, which ends with it.

mod connect;
mod exchange;
mod failure;
mod target;
mod times;

use crate::network::Network;
use crate::network::trust::Trust;
use exchange::{Body, Ending};
use hyper::{Method, Request, Response};
use std::sync::Arc;
use target::Target;
use times::Times;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime_wasi_http::{Error, RequestOptions, Result, WasiHttpHooks};

/// The most that one write of a guest has copied for it.
const MAX_WRITE: usize = 64 << 10;

/// What stands behind `wasi:http/outgoing-handler`, and behind `wasi:http/client` of WASI 0.3.
#[derive(Clone, Debug)]
pub enum Outgoing {
    /// All requests are denied.
    Denied,
    /// Requests go to a network.
    Allowed {
        /// The pod's.
        network: Arc<Network>,
        /// Whom those with TLS believe.
        trust: Arc<Trust>,
    },
}

impl WasiHttpHooks for Outgoing {
    fn send_request(
        &mut self,
        request: Request<Body>,
        options: Option<RequestOptions>,
        _: Ending,
    ) -> Box<dyn Future<Output = Result<(Response<Body>, Ending)>> + Send> {
        let Self::Allowed { network, trust } = self.clone() else {
            return Box::new(async { Err(Error::HttpRequestDenied) });
        };
        let permit = network.permit_of_request();
        Box::new(async move {
            let permit = permit.ok_or(Error::ConnectionLimitReached)?;
            send((&network, &trust), request, Times::of(options), permit).await
        })
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        MAX_WRITE
    }

    fn p3_outgoing_body_chunk_size(&mut self) -> usize {
        MAX_WRITE
    }
}

async fn send(
    (network, trust): (&Network, &Trust),
    request: Request<Body>,
    times: Times,
    permit: OwnedSemaphorePermit,
) -> Result<(Response<Body>, Ending)> {
    // What comes after a tunnel is open would be no HTTP.
    if request.method() == Method::CONNECT {
        return Err(Error::HttpRequestMethodInvalid);
    }
    let target = Target::of(request.uri())?;
    let connection = connect::connect(network, trust, &target, times.connect).await?;
    exchange::exchange(connection, request, times, permit).await
}
