//! The listener of a service, the threads that share its connections, and its end.

use super::connection::{Connections, Counted, POLITE};
use super::shared::Shared;
use super::worker::Workers;
use crate::account::limits::max_handles;
use crate::control::thread::GuestThread;
use crate::ffi;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::LocalSet;

/// Before another connection is tried after one that could not be accepted: most likely there are no descriptors.
const PAUSE: Duration = Duration::from_millis(20);

/// Serves until the service is asked to end, and then to the end of the last request.
pub(super) async fn serve(service: &Arc<Shared>, thread: &GuestThread) -> wasmtime::Result<()> {
    let listener = service.address.listen()?;
    thread.control().offer_drain();
    LocalSet::new().run_until(until_asked(service, thread, listener)).await
}

async fn until_asked(service: &Arc<Shared>, thread: &GuestThread, listener: TcpListener) -> wasmtime::Result<()> {
    let own = (Connections::new(service, thread), Arc::default());
    let mut workers = Workers::new(service, thread);
    let room = Arc::new(Semaphore::new(max_handles(ffi::limits::descriptors())));
    let mut asked = pin!(thread.control().asked_to_end());
    loop {
        tokio::select! {
            biased;
            () = &mut asked => break,
            accepted = accept(&listener, &room) => match accepted {
                Some((stream, room)) => share(stream, room, &own, &mut workers)?,
                None => tokio::time::sleep(PAUSE).await,
            },
        }
    }
    // Who is in the kernel's queue has been accepted there, as far as they know.
    while let Some((stream, room)) = tokio::time::timeout(POLITE, accept(&listener, &room))
        .await
        .ok()
        .flatten()
    {
        share(stream, room, &own, &mut workers)?;
    }
    drop(listener);
    own.0.finish().await;
    workers.finish().await?;
    // Instances that still work behind their responses.
    let _ = service.slots.acquire_many(service.settings.requests).await;
    Ok(())
}

async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = room.clone().acquire_owned().await.ok()?;
    let (stream, _) = listener.accept().await.ok()?;
    // A response in two writes would wait for the client's acknowledgement of the first.
    let _ = stream.set_nodelay(true);
    Some((stream, permit))
}

/// Gives a connection to the thread that has the fewest.
fn share(
    stream: TcpStream,
    room: OwnedSemaphorePermit,
    (own, count): &(Connections, Arc<AtomicUsize>),
    workers: &mut Workers,
) -> wasmtime::Result<()> {
    match workers.less_busy_than(count.load(Relaxed))? {
        Some(worker) => worker.give(stream, room),
        None => own.serve(stream, Counted::new(count), room),
    }
    Ok(())
}
