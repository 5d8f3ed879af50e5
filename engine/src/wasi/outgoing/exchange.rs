//! One request and its response.

use super::connect::Connection;
use super::failure::of_request;
use super::times::{PeerTimer, Received, Sent, Times};
use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::header::HOST;
use hyper::{Request, Response, Uri};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::sync::OwnedSemaphorePermit;
use wasmtime_wasi::runtime::{AbortOnDropJoinHandle, spawn};
use wasmtime_wasi_http::{Error, Result};

/// The largest head of a response, and what is read ahead of a guest's reading.
const MAX_HEAD: usize = 64 << 10;
/// What an HTTP/2 server may send, and a guest, before it is read.
const WINDOW: u32 = 256 << 10;

/// The content of a request or of a response.
pub type Body = UnsyncBoxBody<Bytes, Error>;
/// Ends when nothing more is exchanged.
pub type Ending = Box<dyn Future<Output = Result<()>> + Send>;

type Content = Sent<Body>;
/// What carries bytes between the connection and its two ends; a request holds its permit as long.
type Carrier = AbortOnDropJoinHandle<()>;

/// Sends the request, and has its response once that begins.
///
/// # Errors
/// What became of it instead.
pub async fn exchange(
    connection: Connection,
    request: Request<Body>,
    times: Times,
    permit: OwnedSemaphorePermit,
) -> Result<(Response<Body>, Ending)> {
    let timer = PeerTimer::new();
    let request = request.map(|content| Sent::new(content, timer.clone()));
    let answered = async {
        match connection.http2 {
            true => by_http2(connection, request, permit).await,
            false => by_http1(connection, request, permit).await,
        }
    };
    let (response, carrier) = tokio::select! {
        answered = answered => answered.map_err(|e| of_request(&e))?,
        () = timer.overdue(times.first_byte) => return Err(Error::ConnectionReadTimeout),
    };
    let response = response.map(|content| Received::new(content, times.between_bytes).boxed_unsync());
    let ending = async move {
        carrier.await;
        Ok(())
    };
    Ok((response, Box::new(ending)))
}

async fn by_http1(
    connection: Connection,
    mut request: Request<Content>,
    permit: OwnedSemaphorePermit,
) -> hyper::Result<(Response<Incoming>, Carrier)> {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(MAX_HEAD);
    let (mut sender, carried) = builder.handshake(TokioIo::new(connection.wire)).await?;
    let carrier = spawn(async move {
        // Who sends or reads hears of its failure.
        let _ = carried.await;
        drop(permit);
    });
    *request.uri_mut() = without_authority(request.uri());
    Ok((sender.send_request(request).await?, carrier))
}

async fn by_http2(
    connection: Connection,
    mut request: Request<Content>,
    permit: OwnedSemaphorePermit,
) -> hyper::Result<(Response<Incoming>, Carrier)> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_send_buf_size(WINDOW as usize)
        .max_header_list_size(MAX_HEAD as u32);
    let (mut sender, carried) = builder.handshake(TokioIo::new(connection.wire)).await?;
    let carrier = spawn(async move {
        let _ = carried.await;
        drop(permit);
    });
    // It has the authority in a field of its own.
    request.headers_mut().remove(HOST);
    Ok((sender.send_request(request).await?, carrier))
}

/// The form in which a server, and not a proxy, is asked.
fn without_authority(uri: &Uri) -> Uri {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('?') {
        format!("/{path}")
    } else {
        path.to_owned()
    };
    path.parse().unwrap_or_else(|_| Uri::from_static("/"))
}
