//! The content of responses.

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::Response;
use hyper::body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::sync::Weak;
use std::task::{Context, Poll};
use tokio::sync::oneshot;
use wasmtime_wasi_http::Error;

pub(super) type Content = UnsyncBoxBody<Bytes, Error>;
/// The error is what the guest calls it.
pub(super) type Answered = Result<Response<Content>, String>;

/// Content that tells when nobody reads it any more.
pub(super) struct WatchedContent {
    content: Content,
    instance: Option<Weak<()>>,
    _reader: oneshot::Sender<()>,
}

impl WatchedContent {
    /// `reader` goes with it.
    pub(super) fn new(content: Content, reader: oneshot::Sender<()>) -> Self {
        Self {
            content,
            instance: None,
            _reader: reader,
        }
    }

    /// The same, which does not look whole when `instance` has gone before its end.
    pub(super) fn of_instance(content: Content, reader: oneshot::Sender<()>, instance: Weak<()>) -> Self {
        Self {
            instance: Some(instance),
            ..Self::new(content, reader)
        }
    }

    fn is_cut(&self) -> bool {
        self.instance.as_ref().is_some_and(|i| i.strong_count() == 0)
    }
}

impl Body for WatchedContent {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match Pin::new(&mut self.content).poll_frame(context) {
            Poll::Ready(None) if self.is_cut() => Poll::Ready(Some(Err(Error::ConnectionTerminated))),
            polled => polled,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.content.size_hint()
    }
}
