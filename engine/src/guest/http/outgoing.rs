//! Requests that a guest sends: none yet, and each one is told so.

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::{Request, Response};
use wasmtime_wasi_http::{Error, RequestOptions, Result, WasiHttpHooks};

type Body = UnsyncBoxBody<Bytes, Error>;
type Ending = Box<dyn Future<Output = Result<()>> + Send>;

/// What stands behind `wasi:http/outgoing-handler`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outgoing;

impl WasiHttpHooks for Outgoing {
    fn send_request(
        &mut self,
        _: Request<Body>,
        _: Option<RequestOptions>,
        _: Ending,
    ) -> Box<dyn Future<Output = Result<(Response<Body>, Ending)>> + Send> {
        Box::new(async { Err(Error::HttpRequestDenied) })
    }
}
