//! One request to a service of WASI 0.3: the instance lives until its response has been read, for its streams are the
//! response's content.

use super::content::{Answered, Content, WatchedContent};
use super::instance::Instance;
use crate::wasi::GuestState;
use bytes::Bytes;
use futures::FutureExt;
use http_body_util::BodyExt;
use hyper::body::Body;
use hyper::header::HOST;
use hyper::http::uri::{Authority, Scheme};
use hyper::{Request, Response};
use std::future::poll_fn;
use std::sync::Arc;
use tokio::sync::oneshot;
use wasmtime::AsContextMut;
use wasmtime::component::Accessor;
use wasmtime_wasi_http::handler::Proxy;
use wasmtime_wasi_http::p3::bindings::Service;
use wasmtime_wasi_http::p3::{Request as GuestRequest, Response as GuestResponse};
use wasmtime_wasi_http::{Error, FieldMap, WasiHttpView};

/// False: the instance is for this request alone.
pub(super) async fn handle<B>(
    instance: &mut Instance,
    request: Request<B>,
    head: oneshot::Sender<Answered>,
) -> wasmtime::Result<bool>
where
    B: Body<Data = Bytes, Error = Error> + Send + 'static,
{
    let Proxy::P3(service) = &instance.proxy else {
        wasmtime::bail!("a service of another generation of WASI");
    };
    let request = of_wasi(instance.store.data_mut(), request)?;
    let store = instance.store.as_context_mut();
    let answered = store.run_concurrent(async |store| answer(store, service, request, head).await);
    answered.await??;
    Ok(false)
}

/// The request as the guest sees it. Who it is for is said by a field in HTTP/1.
fn of_wasi<B>(state: &mut GuestState, request: Request<B>) -> wasmtime::Result<GuestRequest>
where
    B: Body<Data = Bytes, Error = Error> + Send + 'static,
{
    let (parts, body) = request.into_parts();
    let uri = parts.uri.into_parts();
    let authority = match (uri.authority, parts.headers.get(HOST)) {
        (None, Some(host)) => Some(Authority::try_from(host.as_bytes())?),
        (authority, _) => authority,
    };
    let headers = FieldMap::new_immutable(state.http().hooks, parts.headers);
    let path = uri.path_and_query;
    // The future tells what the guest made of the content, which is its own affair.
    let (request, _) = GuestRequest::new(parts.method, Some(Scheme::HTTP), authority, path, headers, None, body);
    Ok(request)
}

/// Answers, and goes on as long as the content is read and the guest has tasks.
async fn answer(
    store: &Accessor<GuestState>,
    service: &Service,
    request: GuestRequest,
    head: oneshot::Sender<Answered>,
) -> wasmtime::Result<()> {
    let alive = Arc::new(());
    let (reader, gone) = oneshot::channel::<()>();
    let gone = gone.map(drop).shared();
    let answered = match service.handle(store, request).await? {
        Ok(response) => {
            let response = of_http(store, response, gone.clone())?;
            let instance = Arc::downgrade(&alive);
            Ok(response.map(|content| WatchedContent::of_instance(content, reader, instance).boxed_unsync()))
        }
        Err(code) => Err(format!("{code:?}")),
    };
    // The client may have gone, and the response with it.
    let _ = head.send(answered);
    gone.await;
    poll_fn(|context| store.poll_no_interesting_tasks(context)).await;
    Ok(())
}

/// The guest is told that its response is sent when nobody reads it any more.
fn of_http(
    store: &Accessor<GuestState>,
    response: GuestResponse,
    gone: impl Future<Output = ()> + Send + 'static,
) -> wasmtime::Result<Response<Content>> {
    store.with(|access| response.into_http(access, gone.map(Ok)))
}
