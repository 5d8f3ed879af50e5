//! One request: an instance answers it, and its failure is that request's alone.

use super::content::{Answered, Content, WatchedContent, settled};
use super::instance::{Instance, Instances};
use super::shared::Shared;
use super::wasi3;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::{HOST, HeaderValue};
use hyper::http::uri::Authority;
use hyper::{Request, Response, StatusCode, Version};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use tokio::sync::oneshot::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::{Instant, sleep, timeout_at};
use wasmtime_wasi_http::handler::Proxy;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::{Error, WasiHttpView};

/// How much of a request's path a line of the log shows.
const MAX_PATH: usize = 256;
/// What a client learns of a failure; the log has the reason.
const FAILED: (StatusCode, &str) = (StatusCode::INTERNAL_SERVER_ERROR, "the service failed");

/// Answers a request, whatever becomes of the guest. The address is the one that the client reached, if it is known.
pub(super) async fn answer(
    instances: Rc<Instances>,
    mut request: Request<Incoming>,
    here: Option<SocketAddr>,
) -> Result<Response<Content>, Infallible> {
    let (service, begin) = (instances.service.clone(), Instant::now());
    let subject = subject(&request);
    let response = match unnamed(&mut request, here).or_else(|| refused(&service, &request)) {
        Some(refusal) => of_ours(refusal),
        None => by_guest(&instances, request, &subject).await,
    };
    if service.settings.access_log {
        let what = format!("{} in {} µs", response.status().as_u16(), begin.elapsed().as_micros());
        service.log(&subject, &what).await;
    }
    Ok(response)
}

/// A guest is always told whom a request is for. HTTP/1.0 need not say it (plain checks of load balancers do not), and
/// HTTP/1.1 may say nothing: then it is for the address that the client reached.
fn unnamed(request: &mut Request<Incoming>, here: Option<SocketAddr>) -> Option<(StatusCode, &'static str)> {
    if request.uri().authority().is_some() {
        return None;
    }
    match request.headers().get(HOST) {
        Some(host) if !host.is_empty() => {
            let invalid = Authority::try_from(host.as_bytes()).is_err();
            return invalid.then_some((StatusCode::BAD_REQUEST, "the request names no valid host"));
        }
        None if request.version() > Version::HTTP_10 => {
            return Some((StatusCode::BAD_REQUEST, "the request names no host"));
        }
        _ => {}
    }
    let here = here.and_then(|address| HeaderValue::try_from(address.to_string()).ok());
    let here = here.unwrap_or_else(|| HeaderValue::from_static("localhost"));
    request.headers_mut().insert(HOST, here);
    None
}

fn refused(service: &Shared, request: &Request<Incoming>) -> Option<(StatusCode, &'static str)> {
    let large = request.body().size_hint().lower() > service.settings.body as u64;
    large.then_some((StatusCode::PAYLOAD_TOO_LARGE, "the request is too large"))
}

async fn by_guest(instances: &Rc<Instances>, request: Request<Incoming>, subject: &str) -> Response<Content> {
    let service = &instances.service;
    let deadline = Instant::now() + service.settings.request_time;
    let Ok(Ok(slot)) = timeout_at(deadline, service.slots.clone().acquire_owned()).await else {
        return of_ours((StatusCode::SERVICE_UNAVAILABLE, "the service is busy"));
    };
    let (head, response) = oneshot::channel();
    let (reader, gone) = oneshot::channel();
    let work = Work {
        instances: instances.clone(),
        subject: subject.to_owned(),
    };
    let task = spawn_local(work.run(request, head, gone, slot));
    match timeout_at(deadline, heard(response)).await {
        Ok(Ok(Ok(response))) => response.map(|content| WatchedContent::new(content, reader).boxed_unsync()),
        Ok(Ok(Err(code))) => {
            let what = format!("the guest answers with the error {code}");
            service.log(subject, &what).await;
            of_ours(FAILED)
        }
        Ok(Err(_)) => without_response(service, subject, task).await,
        Err(_) => given_up(service, subject, task).await,
    }
}

async fn heard(response: oneshot::Receiver<Answered>) -> Result<Answered, RecvError> {
    Ok(match response.await? {
        Ok(response) => Ok(settled(response).await),
        failed => failed,
    })
}

/// Its helper comes back from the kernel, if it waits there for a file.
async fn given_up(service: &Shared, subject: &str, task: JoinHandle<bool>) -> Response<Content> {
    task.abort();
    service.template.threads.wake_helpers();
    let time = service.settings.request_time.as_secs_f64();
    let what = format!("no response within {time} s; its instance was ended");
    service.log(subject, &what).await;
    of_ours((StatusCode::GATEWAY_TIMEOUT, "the service did not answer in time"))
}

async fn without_response(service: &Shared, subject: &str, task: JoinHandle<bool>) -> Response<Content> {
    let told = task.await.unwrap_or(false);
    if !told {
        service.log(subject, "the guest returned without a response").await;
    }
    of_ours(FAILED)
}

/// A request with the guest, which may go on behind its response.
struct Work {
    instances: Rc<Instances>,
    subject: String,
}

impl Work {
    /// Has an instance work to its end, or for a while after nobody reads its response any more. True if it failed
    /// and the log says why.
    async fn run(
        self,
        request: Request<Incoming>,
        head: oneshot::Sender<Answered>,
        gone: oneshot::Receiver<()>,
        _slot: OwnedSemaphorePermit,
    ) -> bool {
        let service = &self.instances.service;
        let _working = service.ticker.work();
        let unread = async {
            let _ = gone.await;
            sleep(service.settings.request_time).await;
        };
        let failure = tokio::select! {
            ended = self.call(request, head) => ended.err(),
            () = unread => {
                service.template.threads.wake_helpers();
                Some("still at work long after its response; ended".to_owned())
            }
        };
        let Some(why) = failure else { return false };
        service.log(&self.subject, &why).await;
        true
    }

    /// The error is for the log.
    async fn call(&self, request: Request<Incoming>, head: oneshot::Sender<Answered>) -> Result<(), String> {
        let largest = self.instances.service.settings.body;
        let request = request.map(|body| Limited::new(body, largest).map_err(move |e| of_body(e, largest)));
        let mut instance = self.instances.take().await?;
        let meter = instance.meter.clone();
        let called = match instance.proxy {
            Proxy::P2(_) => meter.run(handle(&mut instance, request, head)).await,
            Proxy::P3(_) => meter.run(wasi3::handle(&mut instance, request, head)).await,
        };
        instance.flush().await;
        let again = called.map_err(|e| instance.reason(&e))?;
        if again {
            self.instances.give_back(instance);
        }
        Ok(())
    }
}

/// True if it may answer once more: it has responded. One that keeps the means to would keep its client waiting as well.
async fn handle<B>(
    instance: &mut Instance,
    request: Request<B>,
    head: oneshot::Sender<Answered>,
) -> wasmtime::Result<bool>
where
    B: Body<Data = Bytes, Error = Error> + Send + 'static,
{
    let Proxy::P2(proxy) = &instance.proxy else {
        wasmtime::bail!("a service of another generation of WASI");
    };
    let mut http = instance.store.data_mut().http();
    let request = http.new_incoming_request(Scheme::Http, request)?;
    let responded = Arc::<AtomicBool>::default();
    let own = responded.clone();
    let out = http.new_response_outparam_from_callback(move |response| {
        own.store(true, Relaxed);
        // The client may have gone.
        let _ = head.send(response.map_err(|code| format!("{code:?}")));
    })?;
    let handler = proxy.wasi_http_incoming_handler();
    handler.call_handle(&mut instance.store, request, out).await?;
    Ok(responded.load(Relaxed))
}

fn of_body(error: Box<dyn std::error::Error + Send + Sync>, largest: usize) -> Error {
    match error.downcast::<hyper::Error>() {
        Ok(error) => Error::Hyper(*error),
        Err(other) if other.is::<LengthLimitError>() => Error::HttpRequestBodySize(Some(largest as u64)),
        Err(_) => Error::ConnectionTerminated,
    }
}

fn of_ours((status, sentence): (StatusCode, &'static str)) -> Response<Content> {
    let line = Full::new(Bytes::from(format!("{sentence}\n")));
    let mut response = Response::new(line.map_err(|never| match never {}).boxed_unsync());
    *response.status_mut() = status;
    response
}

/// The request as a line of the log names it.
fn subject(request: &Request<Incoming>) -> String {
    let path: String = request.uri().path().chars().take(MAX_PATH).collect();
    format!("{} {path}", request.method())
}
