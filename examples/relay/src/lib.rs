//! A service that passes each request on to the host and port in `UPSTREAM`, and its answer back.

use std::io;
use wasi::exports::http::incoming_handler::Guest;
use wasi::http::outgoing_handler::handle;
use wasi::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingRequest, IncomingResponse, OutgoingBody,
    OutgoingRequest, OutgoingResponse, ResponseOutparam, Scheme,
};

struct Relay;

impl Guest for Relay {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        match ask(&request) {
            Ok(response) => answer(&response, out),
            Err(code) => {
                eprintln!("upstream: {code:?}");
                ResponseOutparam::set(out, Ok(with_status(502)));
            }
        }
    }
}

fn with_status(status: u16) -> OutgoingResponse {
    let response = OutgoingResponse::new(Fields::new());
    response.set_status_code(status).expect("a status is one");
    response
}

fn ask(request: &IncomingRequest) -> Result<IncomingResponse, ErrorCode> {
    let upstream = std::env::var("UPSTREAM").map_err(|_| ErrorCode::ConfigurationError)?;
    let onward = OutgoingRequest::new(Fields::new());
    let invalid = |()| ErrorCode::HttpRequestUriInvalid;
    onward.set_method(&request.method()).map_err(invalid)?;
    onward.set_scheme(Some(&Scheme::Http)).map_err(invalid)?;
    onward.set_authority(Some(&upstream)).map_err(invalid)?;
    let path = request.path_with_query();
    onward.set_path_with_query(path.as_deref()).map_err(invalid)?;
    let body = onward.body().expect("a fresh request has its body");
    let coming = handle(onward, None)?;
    forward(request.consume().expect("nobody has taken it"), body)
        .map_err(|e| ErrorCode::InternalError(Some(e.to_string())))?;
    coming.subscribe().block();
    coming.get().expect("it is ready").expect("it is asked once")
}

fn answer(response: &IncomingResponse, out: ResponseOutparam) {
    let onward = with_status(response.status());
    let body = onward.body().expect("a fresh response has its body");
    ResponseOutparam::set(out, Ok(onward));
    // The status is sent: who reads sees that the rest is missing.
    if let Err(e) = forward(response.consume().expect("nobody has taken it"), body) {
        eprintln!("upstream: {e}");
    }
}

/// Passes on what has come before the rest has.
fn forward(from: IncomingBody, to: OutgoingBody) -> io::Result<()> {
    let taken = |()| io::Error::other("taken");
    let (mut source, mut sink) = (from.stream().map_err(taken)?, to.write().map_err(taken)?);
    io::copy(&mut source, &mut sink)?;
    drop(sink);
    OutgoingBody::finish(to, None).map_err(io::Error::other)
}

wasi::http::proxy::export!(Relay);
