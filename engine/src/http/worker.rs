//! Further threads of a service, each with connections of its own; they come when there is work to share.

use super::connection::{Connections, Counted};
use super::shared::Shared;
use crate::control::thread::GuestThread;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::JoinHandle;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::task::LocalSet;

type Given = (std::net::TcpStream, Counted, OwnedSemaphorePermit);

/// A thread that serves the connections it is given.
pub(super) struct Worker {
    queue: Option<mpsc::UnboundedSender<Given>>,
    count: Arc<AtomicUsize>,
    done: oneshot::Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    fn start(service: &Arc<Shared>, thread: &GuestThread, number: usize) -> std::io::Result<Self> {
        let (queue, arriving) = mpsc::unbounded_channel();
        let (ended, done) = oneshot::channel();
        let (own, thread) = (service.clone(), thread.another());
        let work = move || {
            if serve(&own, &thread, arriving) {
                let _ = ended.send(());
            }
        };
        Ok(Self {
            queue: Some(queue),
            count: Arc::default(),
            done,
            thread: Some(
                service
                    .template
                    .threads
                    .spawn(format!("http-{number}"), Box::new(work))?,
            ),
        })
    }

    /// Hands over a connection.
    pub(super) fn give(&self, stream: TcpStream, room: OwnedSemaphorePermit) {
        // It leaves this thread's watch. One that cannot be handed over is closed.
        if let (Ok(stream), Some(queue)) = (stream.into_std(), &self.queue) {
            let _ = queue.send((stream, Counted::new(&self.count), room));
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // It ends with the queue, or with the guest. Its panics are told by what it did not say.
            let _ = thread.join();
        }
    }
}

/// All further threads of a service.
pub(super) struct Workers {
    service: Arc<Shared>,
    thread: GuestThread,
    all: Vec<Worker>,
}

impl Workers {
    /// None yet.
    pub(super) fn new(service: &Arc<Shared>, thread: &GuestThread) -> Self {
        Self {
            service: service.clone(),
            thread: thread.clone(),
            all: Vec::new(),
        }
    }

    /// The one with the fewest connections, if it has fewer than the guest's own thread; a new one if all have some.
    pub(super) fn less_busy_than(&mut self, own: usize) -> std::io::Result<Option<&Worker>> {
        let load = |worker: &Worker| worker.count.load(Relaxed);
        let least = self.all.iter().map(load).min();
        if own > 0 && least != Some(0) && self.all.len() + 1 < self.service.settings.workers {
            let worker = Worker::start(&self.service, &self.thread, self.all.len() + 1)?;
            self.all.push(worker);
        }
        let least = self.all.iter().min_by_key(|w| load(w));
        Ok(least.filter(|w| load(w) < own))
    }

    /// Waits until they have finished what they were given.
    pub(super) async fn finish(mut self) -> wasmtime::Result<()> {
        self.all.iter_mut().for_each(|w| w.queue = None);
        for worker in &mut self.all {
            if (&mut worker.done).await.is_err() {
                wasmtime::bail!("a thread of the service failed");
            }
        }
        Ok(())
    }
}

/// Serves what arrives until nothing can any more; true if it came to that end.
fn serve(service: &Arc<Shared>, thread: &GuestThread, arriving: mpsc::UnboundedReceiver<Given>) -> bool {
    let Ok(runtime) = service.template.threads.runtime() else {
        return false;
    };
    let all = async {
        let tasks = LocalSet::new();
        tasks.run_until(serve_arriving(service, thread, arriving)).await;
    };
    let served = runtime.block_on(thread.run(all)).is_ok();
    runtime.shutdown_background();
    served
}

async fn serve_arriving(service: &Arc<Shared>, thread: &GuestThread, mut arriving: mpsc::UnboundedReceiver<Given>) {
    let connections = Connections::new(service, thread);
    while let Some((stream, counted, room)) = arriving.recv().await {
        if let Ok(stream) = TcpStream::from_std(stream) {
            connections.serve(stream, counted, room);
        }
    }
    connections.finish().await;
}
