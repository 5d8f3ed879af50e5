//! Calls every function of `wasi:http/types` that a service can call, and answers a request with what came of it, a line
//! a check.
//!
//! The request is `PUT /checks?a=b` with the fields `x-many: one` and `x-many: two`, a body "content" and a trailer
//! `x-after: done`. The answer has the status 299, a field `x-answer: yes` and a trailer `x-checks: over`.

#[macro_use]
#[path = "../../command/src/check.rs"]
mod check;

mod bodies;
mod fields;
mod requests;

use std::sync::Mutex;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

static LINES: Mutex<String> = Mutex::new(String::new());

/// Where checks go.
fn report(line: &str) {
    let mut lines = LINES.lock().unwrap();
    lines.push_str(line);
    lines.push('\n');
}

struct Service;

wasip2::http::proxy::export!(Service);

impl Guest for Service {
    fn handle(request: IncomingRequest, answer: ResponseOutparam) {
        requests::incoming(&request);
        bodies::incoming(&request);
        requests::outgoing();
        requests::options();
        bodies::outgoing();
        fields::checks();
        respond(answer);
    }
}

/// That the answer arrives says that its functions work; their lines are written before.
fn respond(answer: ResponseOutparam) {
    let http = check::Interface("wasi:http/types");
    // HTTP/1.1 has trailers only where they are announced.
    let headers = [("x-answer", "yes"), ("trailer", "x-checks")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
    let headers = Fields::from_list(&headers).unwrap();
    let response = OutgoingResponse::new(headers);
    check!(http, "[constructor]outgoing-response", response.status_code() == 200);
    check!(
        http,
        "[method]outgoing-response.set-status-code",
        response.set_status_code(299).is_ok()
    );
    check!(
        http,
        "[method]outgoing-response.status-code",
        response.status_code() == 299
    );
    check!(
        http,
        "[method]outgoing-response.set-status-code",
        response.set_status_code(1).is_err()
    );
    check!(
        http,
        "[method]outgoing-response.headers",
        response.headers().get("x-answer") == [b"yes"]
    );
    let body = response.body();
    check!(
        http,
        "[method]outgoing-response.body",
        body.is_ok() && response.body().is_err()
    );
    let body = body.unwrap();
    ResponseOutparam::set(answer, Ok(response));
    check!(http, "[static]response-outparam.set", true);
    let stream = body.write().unwrap();
    for part in LINES.lock().unwrap().as_bytes().chunks(4096) {
        stream.blocking_write_and_flush(part).unwrap();
    }
    drop(stream);
    let trailers = Fields::from_list(&[("x-checks".to_owned(), b"over".to_vec())]).unwrap();
    OutgoingBody::finish(body, Some(trailers)).unwrap();
}
