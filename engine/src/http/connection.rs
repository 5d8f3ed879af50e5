//! The connections of one thread of a service.

use super::instance::Instances;
use super::request::answer;
use super::shared::Shared;
use crate::control::thread::GuestThread;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::spawn_local;

/// How long a connection may stay without a whole head of a request.
const HEAD_TIME: Duration = Duration::from_secs(60);
/// How long a connection that is new when the service ends may take to send its request.
pub(super) const POLITE: Duration = Duration::from_millis(1);

/// Everything of a connection is on one thread.
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

/// Counts a connection of a thread while it is there.
pub(super) struct Counted(Arc<AtomicUsize>);

impl Counted {
    /// One more.
    pub(super) fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Relaxed);
        Self(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// The connections that a thread serves. Only within a `LocalSet`.
pub(super) struct Connections {
    service: Arc<Shared>,
    instances: Rc<Instances>,
    all: GracefulShutdown,
}

impl Connections {
    /// None yet, of this thread.
    pub(super) fn new(service: &Arc<Shared>, thread: &GuestThread) -> Self {
        Self {
            service: service.clone(),
            instances: Rc::new(Instances::new(service, thread)),
            all: GracefulShutdown::new(),
        }
    }

    /// Serves one until it is closed.
    pub(super) fn serve(&self, stream: TcpStream, counted: Counted, room: OwnedSemaphorePermit) {
        let instances = self.instances.clone();
        let here = stream.local_addr().ok();
        let handler = service_fn(move |request| answer(instances.clone(), request, here));
        let builder = self.builder();
        let connection = builder.serve_connection(TokioIo::new(stream), handler);
        let connection = self.all.watch(connection.into_owned());
        spawn_local(async move {
            // A peer that is gone or speaks no HTTP is nobody's failure but its own.
            let _ = connection.await;
            drop((counted, room));
        });
    }

    fn builder(&self) -> Builder<Here> {
        let settings = &self.service.settings;
        let mut builder = Builder::new(Here);
        // Who has sent all of a request may close that half, as `nc` does, and is still to be answered. Who closes both
        // looks the same until something is written to it.
        builder
            .http1()
            .half_close(true)
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .max_buf_size(settings.head as usize);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(settings.head)
            .max_concurrent_streams(settings.requests);
        builder
    }

    /// Waits for the responses of all requests that have come; idle connections are closed.
    pub(super) async fn finish(self) {
        self.all.shutdown().await;
    }
}
