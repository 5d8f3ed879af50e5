//! One request: a fresh instance answers it, and its failure is that request's alone.

use super::{MAX_BODY, REQUEST_TIME, Shared};
use crate::guest::control::Control;
use crate::guest::cpu::CpuAccount;
use crate::guest::memory::MemoryShare;
use crate::guest::outcome::Exit;
use crate::guest::wasi::GuestState;
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::HOST;
use hyper::{Request, Response, StatusCode};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::task::spawn_local;
use tokio::time::{Instant, sleep, timeout_at};
use wasmtime::{Engine, PoolConcurrencyLimitError, Store, UpdateDeadline};
use wasmtime_wasi_http::p2::bindings::Proxy;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};
use wasmtime_wasi_http::{Error, WasiHttpView};

type Content = UnsyncBoxBody<Bytes, Error>;
type Answered = Result<Response<Content>, ErrorCode>;

/// How much of a request's path a line of the log shows.
const MAX_PATH: usize = 256;

/// Answers a request, whatever becomes of the guest.
pub(super) async fn answer(
    service: Arc<Shared>,
    control: Arc<Control>,
    cpu: Arc<CpuAccount>,
    request: Request<Incoming>,
) -> Result<Response<Content>, Infallible> {
    if request.uri().authority().is_none() && !request.headers().contains_key(HOST) {
        return Ok(of_ours(StatusCode::BAD_REQUEST, "the request names no host"));
    }
    if request.body().size_hint().lower() > MAX_BODY as u64 {
        return Ok(of_ours(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large"));
    }
    let deadline = Instant::now() + REQUEST_TIME;
    let Ok(Ok(slot)) = timeout_at(deadline, service.slots.clone().acquire_owned()).await else {
        return Ok(of_ours(StatusCode::SERVICE_UNAVAILABLE, "the service is busy"));
    };
    let subject = subject(&request);
    let (head, response) = oneshot::channel();
    let (reader, gone) = oneshot::channel();
    let work = Work {
        service: service.clone(),
        control,
        cpu,
        subject: subject.clone(),
    };
    let task = spawn_local(work.run(request, head, gone, slot));
    Ok(match timeout_at(deadline, response).await {
        Ok(Ok(Ok(response))) => response.map(|content| {
            Tied {
                content,
                _reader: reader,
            }
            .boxed_unsync()
        }),
        Ok(Ok(Err(code))) => {
            complain(
                &service,
                &subject,
                &format!("the guest answers with the error {code:?}"),
            )
            .await;
            of_ours(StatusCode::INTERNAL_SERVER_ERROR, "the service failed")
        }
        Ok(Err(_)) => {
            let told = task.await.unwrap_or(false);
            if !told {
                complain(&service, &subject, "the guest returned without a response").await;
            }
            of_ours(StatusCode::INTERNAL_SERVER_ERROR, "the service failed")
        }
        Err(_) => {
            task.abort();
            let why = format!(
                "no response within {} s; its instance was ended",
                REQUEST_TIME.as_secs()
            );
            complain(&service, &subject, &why).await;
            of_ours(StatusCode::GATEWAY_TIMEOUT, "the service did not answer in time")
        }
    })
}

struct Work {
    service: Arc<Shared>,
    control: Arc<Control>,
    cpu: Arc<CpuAccount>,
    subject: String,
}

/// Gives back what a request's instance had of the container's memory, after the instance.
struct Share(Arc<MemoryShare>);

impl Drop for Share {
    fn drop(&mut self) {
        self.0.release();
    }
}

impl Work {
    /// Runs an instance to its end, or for a while after nobody reads its response any more. True if it failed and the
    /// log says why.
    async fn run(
        self,
        request: Request<Incoming>,
        head: oneshot::Sender<Answered>,
        gone: oneshot::Receiver<()>,
        _slot: OwnedSemaphorePermit,
    ) -> bool {
        let _working = self.service.ticker.work();
        let share = Share(MemoryShare::new(self.service.memory.clone()));
        let unread = async {
            let _ = gone.await;
            sleep(REQUEST_TIME).await;
        };
        let failure = tokio::select! {
            ended = self.call(request, head, &share.0) => ended.err().and_then(|e| Exit::of_error(&e, &share.0).1),
            () = unread => Some("krustlet: still at work long after its response; ended\n".to_owned()),
        };
        let Some(text) = failure else { return false };
        let why = text.trim_start_matches("krustlet: ").trim_end();
        complain(&self.service, &self.subject, why).await;
        true
    }

    /// A fresh instance, out of the pool unless that is full.
    async fn instance(&self, share: &Arc<MemoryShare>) -> wasmtime::Result<(Store<GuestState>, Proxy)> {
        let mut full = None;
        for pre in &self.service.proxies {
            let mut store = self.store(pre.engine(), share)?;
            match pre.instantiate_async(&mut store).await {
                Err(e) if e.is::<PoolConcurrencyLimitError>() => full = Some(e),
                other => return Ok((store, other?)),
            }
        }
        Err(full.unwrap_or_else(|| wasmtime::format_err!("there is nothing to make instances with")))
    }

    fn store(&self, engine: &Engine, share: &Arc<MemoryShare>) -> wasmtime::Result<Store<GuestState>> {
        let mut store = Store::new(engine, self.service.template.state(share)?);
        store.limiter(|state| &mut state.limiter);
        store.set_epoch_deadline(1);
        let (control, cpu) = (self.control.clone(), self.cpu.clone());
        store.epoch_deadline_callback(move |_| {
            Ok(match control.checkpoint(&cpu) {
                true => UpdateDeadline::Yield(1),
                false => UpdateDeadline::Interrupt,
            })
        });
        Ok(store)
    }

    async fn call(
        &self,
        request: Request<Incoming>,
        head: oneshot::Sender<Answered>,
        share: &Arc<MemoryShare>,
    ) -> wasmtime::Result<()> {
        let (mut store, proxy) = self.instance(share).await?;
        let request = request.map(|body| Limited::new(body, MAX_BODY).map_err(of_body));
        let mut http = store.data_mut().http();
        let request = http.new_incoming_request(Scheme::Http, request)?;
        let out = http.new_response_outparam(head)?;
        proxy
            .wasi_http_incoming_handler()
            .call_handle(&mut store, request, out)
            .await
    }
}

fn of_body(error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    match error.downcast::<hyper::Error>() {
        Ok(error) => Error::Hyper(*error),
        Err(other) if other.is::<LengthLimitError>() => Error::HttpRequestBodySize(Some(MAX_BODY as u64)),
        Err(_) => Error::ConnectionTerminated,
    }
}

/// A response's content that lets its instance know when nobody reads it any more.
struct Tied {
    content: Content,
    _reader: oneshot::Sender<()>,
}

impl Body for Tied {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.content).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.content.size_hint()
    }
}

fn of_ours(status: StatusCode, sentence: &'static str) -> Response<Content> {
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

/// Tells the container's log what became of a request. Nobody else can be told of a log that cannot be written.
async fn complain(service: &Shared, subject: &str, why: &str) {
    let text = format!("krustlet: {subject}: {why}\n");
    let _ = service.template.stderr().write_all(text.as_bytes()).await;
}
