//! The content of responses.

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty};
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

/// Where a call of gRPC without content has its status, which otherwise is a trailer.
const GRPC_STATUS: &str = "grpc-status";

/// The response, whose headers end it if they say the status of a call of gRPC and no content follows ("Trailers-Only").
/// Only then do its clients read the status there: an empty frame of data behind the headers is a failure to them.
pub(super) async fn settled(response: Response<Content>) -> Response<Content> {
    if !response.headers().contains_key(GRPC_STATUS) {
        return response;
    }
    let (head, mut rest) = response.into_parts();
    let content = match rest.frame().await {
        None => Empty::new().map_err(|never| match never {}).boxed_unsync(),
        first => Begun { first, rest }.boxed_unsync(),
    };
    Response::from_parts(head, content)
}

/// Content whose first frame was looked at.
struct Begun {
    first: Option<Result<Frame<Bytes>, Error>>,
    rest: Content,
}

impl Body for Begun {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match self.first.take() {
            None => Pin::new(&mut self.rest).poll_frame(context),
            first => Poll::Ready(first),
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use http_body_util::StreamBody;

    /// Content that does not know beforehand that it is over, as that of a guest.
    fn response(status: bool, parts: &[&'static str]) -> Response<Content> {
        let frames: Vec<_> = parts.iter().map(|part| Ok(Frame::data(Bytes::from(*part)))).collect();
        let mut response = Response::new(StreamBody::new(stream::iter(frames)).boxed_unsync());
        if status {
            response.headers_mut().insert(GRPC_STATUS, "9".parse().unwrap());
        }
        response
    }

    #[tokio::test]
    async fn only_a_status_of_grpc_without_content_ends_with_its_headers() {
        assert!(settled(response(true, &[])).await.body().is_end_stream());
        assert!(!settled(response(false, &[])).await.body().is_end_stream());
    }

    #[tokio::test]
    async fn content_behind_a_status_is_whole() {
        let response = settled(response(true, &["one", "two"])).await;
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "onetwo");
    }
}
