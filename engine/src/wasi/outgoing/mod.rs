//! Requests that a guest sends, in the network of its pod. Each has a connection of its own, which ends with it.

mod connect;
mod exchange;
mod failure;
mod target;
mod times;

use crate::network::Network;
use crate::network::trust::Trust;
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::{Method, Request, Response};
use std::sync::Arc;
use target::Target;
use times::Times;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime_wasi_http::{Error, RequestOptions, Result, WasiHttpHooks};

type Body = UnsyncBoxBody<Bytes, Error>;
type Ending = Box<dyn Future<Output = Result<()>> + Send>;

/// The most that one write of a guest has copied for it.
const MAX_WRITE: usize = 64 << 10;

#[derive(Clone, Debug)]
struct Means {
    network: Arc<Network>,
    trust: Arc<Trust>,
}

/// What stands behind `wasi:http/outgoing-handler`, and behind `wasi:http/client` of WASI 0.3.
#[derive(Clone, Debug)]
pub struct Outgoing(Option<Means>);

impl Outgoing {
    /// Requests go to `network`, and those with TLS only to whom `trust` believes.
    pub fn new(network: Arc<Network>, trust: Arc<Trust>) -> Self {
        Self(Some(Means { network, trust }))
    }

    /// All requests are denied.
    pub fn denied() -> Self {
        Self(None)
    }
}

impl WasiHttpHooks for Outgoing {
    fn send_request(
        &mut self,
        request: Request<Body>,
        options: Option<RequestOptions>,
        _: Ending,
    ) -> Box<dyn Future<Output = Result<(Response<Body>, Ending)>> + Send> {
        let Some(means) = self.0.clone() else {
            return Box::new(async { Err(Error::HttpRequestDenied) });
        };
        let place = means.network.place_of_request();
        Box::new(async move {
            let place = place.ok_or(Error::ConnectionLimitReached)?;
            send(&means, request, Times::of(options), place).await
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
    means: &Means,
    request: Request<Body>,
    times: Times,
    place: OwnedSemaphorePermit,
) -> Result<(Response<Body>, Ending)> {
    // What comes after a tunnel is open would be no HTTP.
    if request.method() == Method::CONNECT {
        return Err(Error::HttpRequestMethodInvalid);
    }
    let target = Target::of(request.uri())?;
    let connection = connect::connect(means, &target, times.connect).await?;
    exchange::exchange(connection, request, times, place).await
}
