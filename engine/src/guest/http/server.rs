//! Connections of a service, and its end.

use super::request::answer;
use super::{HEAD_TIME, MAX_HEAD, MAX_REQUESTS, Shared};
use crate::ffi;
use crate::guest::control::Control;
use crate::guest::cpu::CpuAccount;
use crate::guest::limits::max_handles;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{LocalSet, spawn_local};

/// Before another connection is tried after one that could not be accepted: most likely there are no descriptors.
const PAUSE: Duration = Duration::from_millis(20);

/// Everything of a service is on its guest's one thread.
#[derive(Clone, Copy)]
struct Here;

impl<F: Future + 'static> hyper::rt::Executor<F> for Here
where
    F::Output: 'static,
{
    fn execute(&self, future: F) {
        spawn_local(future);
    }
}

/// Serves until the service is asked to end, and then to the end of the last request.
pub(super) async fn serve(
    service: &Arc<Shared>,
    control: &Arc<Control>,
    cpu: &Arc<CpuAccount>,
) -> wasmtime::Result<()> {
    let listener = service.address.listen()?;
    control.offer_drain();
    let connections = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(max_handles(ffi::limits::descriptors())));
    let tasks = LocalSet::new();
    let all = async {
        let mut asked = pin!(control.asked_to_end());
        loop {
            let next = async {
                let room = room.clone().acquire_owned().await;
                (room, listener.accept().await)
            };
            tokio::select! {
                biased;
                () = &mut asked => break,
                (room, accepted) = next => match (room, accepted) {
                    (Ok(room), Ok((stream, _))) => {
                        let handler = (service.clone(), control.clone(), cpu.clone());
                        connect(stream, handler, &connections, room);
                    }
                    _ => tokio::time::sleep(PAUSE).await,
                },
            }
        }
        drop(listener);
        connections.shutdown().await;
        // Instances that still work behind their responses.
        let _ = service.slots.acquire_many(MAX_REQUESTS as u32).await;
    };
    tasks.run_until(all).await;
    Ok(())
}

fn connect(
    stream: TcpStream,
    (service, control, cpu): (Arc<Shared>, Arc<Control>, Arc<CpuAccount>),
    connections: &GracefulShutdown,
    room: OwnedSemaphorePermit,
) {
    // A response in two writes would wait for the client's acknowledgement of the first.
    let _ = stream.set_nodelay(true);
    let mut builder = Builder::new(Here);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(MAX_HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(MAX_HEAD as u32)
        .max_concurrent_streams(MAX_REQUESTS as u32);
    let handler = service_fn(move |request| answer(service.clone(), control.clone(), cpu.clone(), request));
    let connection = builder.serve_connection(TokioIo::new(stream), handler).into_owned();
    let connection = connections.watch(connection);
    spawn_local(async move {
        // A peer that is gone or speaks no HTTP is nobody's failure but its own.
        let _ = connection.await;
        drop(room);
    });
}
