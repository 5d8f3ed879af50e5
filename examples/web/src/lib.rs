//! A service: says hello, and at /echo sends back what it is sent while it still comes.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use wasi::exports::http::incoming_handler::Guest;
use wasi::http::types::{
    Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

/// Requests that this instance has had: one each, unless instances may answer more.
static CALLS: AtomicU32 = AtomicU32::new(0);

struct Service;

impl Guest for Service {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let calls = CALLS.fetch_add(1, Relaxed) + 1;
        let path = request.path_with_query().unwrap_or_default();
        if std::env::var_os("VERBOSE").is_some() {
            // In one piece: other requests write their lines at the same time.
            let line = format!("{:?} {path}\n", request.method());
            eprint!("{line}");
        }
        let answered = match (request.method(), path.as_str()) {
            (Method::Get, "/") => hello(out),
            (Method::Get, "/instance") => say(out, &format!("request {calls} of this instance\n")),
            (Method::Post, "/echo") => echo(&request, out),
            _ => missing(&path, out),
        };
        if let Err(e) = answered {
            eprintln!("{path}: {e}");
        }
    }
}

/// Sends status and headers; the body is still to come.
fn begin(status: u16, out: ResponseOutparam) -> io::Result<OutgoingBody> {
    let response = OutgoingResponse::new(Fields::new());
    let refused = |()| io::Error::other("refused");
    response.set_status_code(status).map_err(refused)?;
    let body = response.body().map_err(refused)?;
    ResponseOutparam::set(out, Ok(response));
    Ok(body)
}

fn finish(body: OutgoingBody) -> io::Result<()> {
    OutgoingBody::finish(body, None).map_err(io::Error::other)
}

fn missing(path: &str, out: ResponseOutparam) -> io::Result<()> {
    eprintln!("there is nothing at {path}");
    finish(begin(404, out)?)
}

fn hello(out: ResponseOutparam) -> io::Result<()> {
    let name = std::env::var("NAME").unwrap_or_else(|_| "world".to_owned());
    say(out, &format!("hello, {name}\n"))
}

fn say(out: ResponseOutparam, text: &str) -> io::Result<()> {
    let body = begin(200, out)?;
    let mut stream = body.write().map_err(|()| io::Error::other("taken"))?;
    io::Write::write_all(&mut stream, text.as_bytes())?;
    drop(stream);
    finish(body)
}

fn echo(request: &IncomingRequest, out: ResponseOutparam) -> io::Result<()> {
    let incoming = request.consume().map_err(|()| io::Error::other("taken"))?;
    let mut from = incoming.stream().map_err(|()| io::Error::other("taken"))?;
    let body = begin(200, out)?;
    let mut to = body.write().map_err(|()| io::Error::other("taken"))?;
    io::copy(&mut from, &mut to)?;
    drop(to);
    finish(body)
}

wasi::http::proxy::export!(Service);
