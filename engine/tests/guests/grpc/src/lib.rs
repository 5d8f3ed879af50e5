//! A gRPC server without a library: the health service that the kubelet's `grpc` probe asks, and a stream of messages.
//!
//! - `/grpc.health.v1.Health/Check` answers SERVING for the service "" and NOT_FOUND for others.
//! - `/numbers.Numbers/Count` sends as many messages as the first field of the request says, each with its number.
//! - `/numbers.Numbers/Sum` reads messages until the client has sent all, and answers the sum of their first fields.
//! - `/numbers.Numbers/Refuse` fails with the header alone ("Trailers-Only").
//! - Any other method is UNIMPLEMENTED.

mod wire;

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    Fields, IncomingBody, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};
use wire::{Message, number};

const OK: u32 = 0;
const NOT_FOUND: u32 = 5;
const FAILED_PRECONDITION: u32 = 9;
const UNIMPLEMENTED: u32 = 12;
const SERVING: u64 = 1;

struct Server;

wasip2::http::proxy::export!(Server);

impl Guest for Server {
    fn handle(request: IncomingRequest, answer: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        if path == "/numbers.Numbers/Refuse" {
            return refuse(answer);
        }
        let incoming = request.consume().expect("nobody has taken it");
        let mut messages = Messages(incoming.stream().expect("nobody has taken it"), Vec::new());
        let (out, body) = begin(answer);
        let status = match path.as_str() {
            "/grpc.health.v1.Health/Check" => check(&mut messages, &out),
            "/numbers.Numbers/Count" => count(&mut messages, &out),
            "/numbers.Numbers/Sum" => sum(&mut messages, &out),
            _ => Ok(UNIMPLEMENTED),
        };
        drop(out);
        drop(messages);
        match status {
            Ok(status) => finish(body, status),
            Err(gone) => eprintln!("{path}: {gone:?}"),
        }
        drop(IncomingBody::finish(incoming));
    }
}

type Answer = Result<u32, StreamError>;

fn check(messages: &mut Messages, out: &OutputStream) -> Answer {
    match messages.next()? {
        Some(asked) if asked.is_empty() => send(out, SERVING),
        _ => Ok(NOT_FOUND),
    }
}

fn count(messages: &mut Messages, out: &OutputStream) -> Answer {
    let most = messages.next()?.and_then(|message| number(&message)).unwrap_or(0);
    for n in 1..=most {
        send(out, n)?;
    }
    Ok(OK)
}

/// What has been summed up so far is told each time, so that a client sees it while it still sends.
fn sum(messages: &mut Messages, out: &OutputStream) -> Answer {
    let mut sum = 0;
    while let Some(message) = messages.next()? {
        sum += number(&message).unwrap_or(0);
        send(out, sum)?;
    }
    Ok(OK)
}

/// The messages of a request, each as soon as it has come.
struct Messages(InputStream, Vec<u8>);

impl Messages {
    fn next(&mut self) -> Result<Option<Message>, StreamError> {
        loop {
            if let Some(message) = wire::take(&mut self.1) {
                return Ok(Some(message));
            }
            match self.0.blocking_read(64 * 1024) {
                Ok(more) => self.1.extend(more),
                Err(StreamError::Closed) => return Ok(None),
                Err(other) => return Err(other),
            }
        }
    }
}

fn send(out: &OutputStream, value: u64) -> Answer {
    out.blocking_write_and_flush(&wire::frame(value))?;
    Ok(OK)
}

fn headers(more: &[(&str, &str)]) -> Fields {
    let all = [("content-type", "application/grpc")].iter().chain(more);
    let list: Vec<_> = all.map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
    Fields::from_list(&list).expect("they are allowed")
}

fn begin(answer: ResponseOutparam) -> (OutputStream, OutgoingBody) {
    let response = OutgoingResponse::new(headers(&[]));
    let body = response.body().expect("a fresh response has its body");
    ResponseOutparam::set(answer, Ok(response));
    (body.write().expect("a fresh body has its stream"), body)
}

fn finish(body: OutgoingBody, status: u32) {
    let trailers = [("grpc-status".to_owned(), status.to_string().into_bytes())];
    let trailers = Fields::from_list(&trailers).expect("they are allowed");
    let _ = OutgoingBody::finish(body, Some(trailers)); // the client may have gone
}

fn refuse(answer: ResponseOutparam) {
    let status = FAILED_PRECONDITION.to_string();
    let response = OutgoingResponse::new(headers(&[("grpc-status", &status), ("grpc-message", "not today")]));
    let body = response.body().expect("a fresh response has its body");
    ResponseOutparam::set(answer, Ok(response));
    let _ = OutgoingBody::finish(body, None);
}
