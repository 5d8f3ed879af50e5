//! A service of WASI 0.3 that does what the path of a request says.

use wasip3::clocks::monotonic_clock;
use wasip3::http::types::{ErrorCode, Fields, Request, Response, Trailers};
use wasip3::wit_bindgen::rt::async_support::{FutureReader, StreamReader};
use wasip3::wit_bindgen::{StreamResult, spawn_local};
use wasip3::{wit_future, wit_stream};

const CHUNK: usize = 16 << 10;
/// More than a request may have where its memory is bounded.
const GREEDY: usize = 64 << 20;

type After = FutureReader<Result<Option<Trailers>, ErrorCode>>;

struct Service;

wasip3::http::service::export!(Service);

impl wasip3::exports::http::handler::Guest for Service {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let path = request.get_path_with_query().unwrap_or_default();
        match path.as_str() {
            "/" => Ok(hello(&request)),
            "/echo" => Ok(echo(request)),
            "/pass" => Ok(pass(request)),
            "/late" => Ok(late()),
            "/pour" => Ok(pour()),
            "/after" => Ok(work_after_the_response()),
            "/error" => Err(ErrorCode::InternalError(Some("as asked".to_owned()))),
            "/trap" => core::arch::wasm32::unreachable(),
            "/wait" => Ok(after_a_time_that_does_not_come().await),
            "/spin" => spin(),
            "/greedy" => Ok(text(&vec![b'x'; GREEDY][..9])),
            _ => Ok(status(404)),
        }
    }
}

fn without_trailers() -> After {
    let (_, after) = wit_future::new(|| Ok(None));
    after
}

fn response(content: StreamReader<u8>, after: After) -> Response {
    Response::new(Fields::new(), Some(content), after).0
}

/// One that says which field comes after its content: others are not sent.
fn response_with(trailer: &[u8], content: StreamReader<u8>, after: After) -> Response {
    let fields = Fields::from_list(&[("trailer".to_owned(), trailer.to_vec())]).unwrap();
    Response::new(fields, Some(content), after).0
}

fn status(code: u16) -> Response {
    let (response, _) = Response::new(Fields::new(), None, without_trailers());
    response.set_status_code(code).unwrap();
    response
}

fn text(bytes: &[u8]) -> Response {
    let (mut sender, content) = wit_stream::new();
    let bytes = bytes.to_vec();
    spawn_local(async move {
        sender.write_all(bytes).await;
    });
    response(content, without_trailers())
}

/// Says whom it was asked as, and how often; with a trailer.
fn hello(request: &Request) -> Response {
    static mut ASKED: usize = 0;
    // SAFETY: there is one thread.
    let asked = unsafe {
        ASKED += 1;
        ASKED
    };
    let authority = request.get_authority().unwrap_or_default();
    let line = format!("hello from {authority}, request {asked} of this instance\n");
    eprintln!("asked for {authority}");
    let (mut sender, content) = wit_stream::new();
    let (trailers, after) = wit_future::new(|| Ok(None));
    spawn_local(async move {
        sender.write_all(line.into_bytes()).await;
        drop(sender);
        let fields = Fields::from_list(&[("x-after".to_owned(), b"done".to_vec())]).unwrap();
        let _ = trailers.write(Ok(Some(fields))).await;
    });
    response_with(b"x-after", content, after)
}

/// The content and its trailers, through this guest's memory.
fn echo(request: Request) -> Response {
    let (_, result) = wit_future::new(|| Ok(()));
    let (mut question, after) = Request::consume_body(request, result);
    let (mut sender, content) = wit_stream::new();
    let (trailers, trailers_of_answer) = wit_future::new(|| Ok(None));
    spawn_local(async move {
        loop {
            let (result, bytes) = question.read(Vec::with_capacity(CHUNK)).await;
            sender.write_all(bytes).await;
            if let StreamResult::Dropped = result {
                break;
            }
        }
        drop(sender);
        let _ = trailers.write(after.await).await;
    });
    response_with(b"x-last", content, trailers_of_answer)
}

/// The content without seeing any of it.
fn pass(request: Request) -> Response {
    let (_, result) = wit_future::new(|| Ok(()));
    let (content, after) = Request::consume_body(request, result);
    response_with(b"x-last", content, after)
}

/// Begins to answer, and fails.
fn late() -> Response {
    let (mut sender, content) = wit_stream::new();
    spawn_local(async move {
        sender.write_all(b"begun".to_vec()).await;
        core::arch::wasm32::unreachable()
    });
    response(content, without_trailers())
}

/// Answers for ever.
fn pour() -> Response {
    let (mut sender, content) = wit_stream::new();
    spawn_local(async move { while sender.write_all(vec![b'x'; CHUNK]).await.is_empty() {} });
    response(content, without_trailers())
}

/// Works on when it has answered.
fn work_after_the_response() -> Response {
    spawn_local(async move {
        monotonic_clock::wait_for(20_000_000).await;
        eprintln!("done after the response");
    });
    text(b"answered\n")
}

async fn after_a_time_that_does_not_come() -> Response {
    monotonic_clock::wait_for(u64::MAX).await;
    status(200)
}

fn spin() -> ! {
    loop {
        std::hint::spin_loop();
    }
}
