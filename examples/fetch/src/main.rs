//! Fetches a URL: `fetch [--post] [--timeout SECONDS] URL`. `http` and `https` go through `wasi:http`, and `--post`
//! sends standard input while it still comes; `tcp://HOST:PORT` prints what a server says by itself.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use wasi::http::outgoing_handler::handle;
use wasi::http::types::{
    ErrorCode, Fields, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions,
    Scheme,
};

struct Wish {
    url: String,
    post: bool,
    timeout: Option<u64>,
}

fn main() -> ExitCode {
    let Some(wish) = wish() else {
        eprintln!("usage: fetch [--post] [--timeout SECONDS] URL");
        return ExitCode::from(64);
    };
    match fetch(&wish) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("fetch {}: {why}", wish.url);
            ExitCode::FAILURE
        }
    }
}

fn wish() -> Option<Wish> {
    let mut args = std::env::args().skip(1);
    let (mut url, mut post, mut timeout) = (None, false, None);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--post" => post = true,
            "--timeout" => timeout = Some(args.next()?.parse().ok()?),
            _ if url.is_none() => url = Some(arg),
            _ => return None,
        }
    }
    Some(Wish {
        url: url?,
        post,
        timeout,
    })
}

fn fetch(wish: &Wish) -> Result<(), String> {
    let (scheme, rest) = wish.url.split_once("://").ok_or("it has no scheme")?;
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        "tcp" => return listen_to(rest).map_err(|e| e.to_string()),
        other => return Err(format!("the scheme {other} is not known")),
    };
    let (authority, path) = rest.find(['/', '?']).map_or((rest, "/"), |at| rest.split_at(at));
    let request = OutgoingRequest::new(Fields::new());
    let method = if wish.post { Method::Post } else { Method::Get };
    let invalid = |()| "it is no URL".to_owned();
    request.set_method(&method).map_err(invalid)?;
    request.set_scheme(Some(&scheme)).map_err(invalid)?;
    request.set_authority(Some(authority)).map_err(invalid)?;
    request.set_path_with_query(Some(path)).map_err(invalid)?;
    let response = send(request, wish).map_err(|code| format!("{code:?}"))?;
    println!("{}", response.status());
    print(&response).map_err(|e| e.to_string())
}

fn send(request: OutgoingRequest, wish: &Wish) -> Result<IncomingResponse, ErrorCode> {
    let body = request.body().expect("a fresh request has its body");
    let answer = handle(request, wish.timeout.map(within))?;
    if wish.post {
        // Not to the end: who answers before may have heard enough.
        let mut stream = body.write().expect("a fresh body has its stream");
        let _ = io::copy(&mut io::stdin(), &mut stream);
    }
    OutgoingBody::finish(body, None)?;
    answer.subscribe().block();
    answer.get().expect("it is ready").expect("it is asked once")
}

fn within(seconds: u64) -> RequestOptions {
    let (options, nanos) = (RequestOptions::new(), Some(seconds * 1_000_000_000));
    let _ = options.set_connect_timeout(nanos);
    let _ = options.set_first_byte_timeout(nanos);
    let _ = options.set_between_bytes_timeout(nanos);
    options
}

/// What has come is printed before the rest has.
fn print(response: &IncomingResponse) -> io::Result<()> {
    let body = response.consume().map_err(|()| io::Error::other("taken"))?;
    let stream = body.stream().map_err(|()| io::Error::other("taken"))?;
    forward(stream)
}

fn listen_to(address: &str) -> io::Result<()> {
    forward(TcpStream::connect(address)?)
}

fn forward(mut from: impl Read) -> io::Result<()> {
    let (mut buffer, mut out) = ([0; 16 * 1024], io::stdout());
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(()),
            n => out.write_all(&buffer[..n]).and_then(|()| out.flush())?,
        }
    }
}
