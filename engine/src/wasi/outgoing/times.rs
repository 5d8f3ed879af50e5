//! How long a request waits, and for what.

use crate::lock::lock;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep, sleep_until};
use wasmtime_wasi_http::{Error, RequestOptions, Result};

const CONNECT: Duration = Duration::from_secs(30);
const FIRST_BYTE: Duration = Duration::from_secs(120);
const BETWEEN_BYTES: Duration = Duration::from_secs(120);
/// The longest anybody may ask for.
const MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// The times of one request.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Until there is a connection, the lookup of the name included.
    pub connect: Duration,
    /// From when the request has been sent until its response begins.
    pub first_byte: Duration,
    /// Between parts of the response.
    pub between_bytes: Duration,
}

impl Times {
    /// What the guest asks for, or what there is without that.
    pub fn of(options: Option<RequestOptions>) -> Self {
        let options = options.unwrap_or_default();
        let time = |wished: Option<Duration>, otherwise: Duration| wished.unwrap_or(otherwise).min(MAX);
        Self {
            connect: time(options.connect_timeout, CONNECT),
            first_byte: time(options.first_byte_timeout, FIRST_BYTE),
            between_bytes: time(options.between_bytes_timeout, BETWEEN_BYTES),
        }
    }
}

/// Since when the guest waits for its peer; nothing while the peer waits for the guest.
#[derive(Clone, Debug)]
pub struct PeerTimer(Arc<Mutex<Option<Instant>>>);

impl PeerTimer {
    /// The guest waits from now on.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Some(Instant::now()))))
    }

    fn set_running(&self, running: bool) {
        *lock(&self.0) = running.then(Instant::now);
    }

    /// Ends when the guest has waited for `time`.
    pub async fn overdue(&self, time: Duration) {
        loop {
            let since = *lock(&self.0);
            match since {
                Some(since) if since.elapsed() >= time => return,
                Some(since) => sleep_until(since + time).await,
                // An end within the next one is seen with the one after it.
                None => sleep(time.max(Duration::from_millis(1))).await,
            }
        }
    }
}

/// The content of a request: while it waits for the guest, the peer does not have to answer.
pub struct Sent<B> {
    content: B,
    timer: PeerTimer,
}

impl<B> Sent<B> {
    /// The content, with the timer that runs while the peer has all of it.
    pub fn new(content: B, timer: PeerTimer) -> Self {
        Self { content, timer }
    }
}

impl<B: Body<Data = Bytes, Error = Error> + Unpin> Body for Sent<B> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        let polled = Pin::new(&mut self.content).poll_frame(context);
        self.timer.set_running(polled.is_ready());
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.content.size_hint()
    }
}

/// The content of a response, each part of which comes in time or is the last.
pub struct Received<B> {
    content: B,
    time: Duration,
    waits: Option<Pin<Box<Sleep>>>,
}

impl<B> Received<B> {
    /// The content, with the time between its parts.
    pub fn new(content: B, time: Duration) -> Self {
        Self {
            content,
            time,
            waits: None,
        }
    }
}

impl<B: Body<Data = Bytes, Error = hyper::Error> + Unpin> Body for Received<B> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.content).poll_frame(context) {
            self.waits = None;
            return Poll::Ready(frame.map(|f| f.map_err(|e| super::failure::of_response(&e))));
        }
        let time = self.time;
        let waits = self.waits.get_or_insert_with(|| Box::pin(sleep(time)));
        match waits.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Some(Err(Error::ConnectionReadTimeout))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.content.size_hint()
    }
}
