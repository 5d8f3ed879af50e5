//! Bodies: each can be taken once, and ends with trailers.

use crate::check::Interface;
use wasip2::http::types::{
    ErrorCode, Fields, FutureTrailers, IncomingBody, IncomingRequest, OutgoingBody, OutgoingRequest, http_error_code,
};
use wasip2::io::streams::{InputStream, StreamError};

const HTTP: Interface = Interface("wasi:http/types");

pub fn incoming(request: &IncomingRequest) {
    let body = request.consume();
    check!(
        HTTP,
        "[method]incoming-request.consume",
        body.is_ok() && request.consume().is_err()
    );
    let body = body.unwrap();
    let stream = body.stream();
    check!(
        HTTP,
        "[method]incoming-body.stream",
        stream.is_ok() && body.stream().is_err()
    );
    let stream = stream.unwrap();
    check!(HTTP, "[method]incoming-body.stream", all(&stream) == b"content");
    drop(stream);
    let trailers = IncomingBody::finish(body);
    trailers.subscribe().block();
    check!(HTTP, "[method]future-trailers.subscribe", trailers.subscribe().ready());
    check!(HTTP, "[static]incoming-body.finish", arrived(&trailers));
    check!(
        HTTP,
        "[method]future-trailers.get",
        matches!(trailers.get(), Some(Err(())))
    );
}

fn all(stream: &InputStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Ok(more) = stream.blocking_read(4096) {
        bytes.extend(more);
    }
    bytes
}

fn arrived(trailers: &FutureTrailers) -> bool {
    match trailers.get() {
        Some(Ok(Ok(Some(fields)))) => fields.get("x-after") == [b"done"],
        _ => false,
    }
}

fn request(length: Option<&str>) -> (OutgoingRequest, OutgoingBody) {
    let fields = Fields::new();
    if let Some(length) = length {
        fields.append("content-length", length.as_bytes()).unwrap();
    }
    let request = OutgoingRequest::new(fields);
    let body = request.body().unwrap();
    (request, body)
}

pub fn outgoing() {
    let (made, body) = request(None);
    check!(HTTP, "[method]outgoing-request.body", made.body().is_err());
    let stream = body.write();
    check!(
        HTTP,
        "[method]outgoing-body.write",
        stream.is_ok() && body.write().is_err()
    );
    drop(stream);
    check!(
        HTTP,
        "[static]outgoing-body.finish",
        OutgoingBody::finish(body, Some(Fields::new())).is_ok()
    );
    too_little();
    too_much();
}

/// "Finish an outgoing body … fails when the content-length was not met."
fn too_little() {
    let (_made, body) = request(Some("10"));
    let finished = OutgoingBody::finish(body, None);
    check!(
        HTTP,
        "[static]outgoing-body.finish",
        matches!(finished, Err(ErrorCode::HttpRequestBodySize(Some(0))))
    );
}

/// A write beyond it fails, and the error of the stream says so.
fn too_much() {
    let (_made, body) = request(Some("3"));
    let stream = body.write().unwrap();
    let failed = stream.write(b"four").and_then(|()| stream.check_write().map(drop));
    let code = match &failed {
        Err(StreamError::LastOperationFailed(error)) => http_error_code(error),
        _ => None,
    };
    check!(
        HTTP,
        "http-error-code",
        matches!(code, Some(ErrorCode::HttpRequestBodySize(Some(4))))
    );
}
