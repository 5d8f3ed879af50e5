//! A service that answers with the file that the path of the request names, with the names in a directory, one a line,
//! and at `/` with a word and no look at any file.

use std::{fs, io};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

/// What a stream takes at once, at most.
const PART: usize = 4096;

struct Reader;

impl Guest for Reader {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let (status, content) = match look(&path) {
            Ok(content) => (200, content),
            Err(error) => (404, format!("{path}: {error}\n").into_bytes()),
        };
        answer(out, status, &content);
    }
}

fn look(path: &str) -> io::Result<Vec<u8>> {
    if path == "/" {
        return Ok(b"here\n".to_vec());
    }
    match path.strip_suffix('/') {
        Some(directory) => names(directory),
        None => fs::read(path),
    }
}

fn names(directory: &str) -> io::Result<Vec<u8>> {
    let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    let mut names = fs::read_dir(directory)?.map(name).collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(format!("{}\n", names.join("\n")).into_bytes())
}

fn answer(out: ResponseOutparam, status: u16, content: &[u8]) {
    let response = OutgoingResponse::new(Fields::new());
    response.set_status_code(status).unwrap();
    let body = response.body().unwrap();
    ResponseOutparam::set(out, Ok(response));
    let stream = body.write().unwrap();
    for part in content.chunks(PART) {
        // The client may have gone.
        if stream.blocking_write_and_flush(part).is_err() {
            return;
        }
    }
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
}

wasip2::http::proxy::export!(Reader);
