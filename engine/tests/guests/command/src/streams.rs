//! `wasi:io`: the streams of the standard input, of files, and their errors.

use crate::check::Interface;
use crate::directories::{create, root};
use wasip2::cli::stdin::get_stdin;
use wasip2::filesystem::types::{Descriptor, ErrorCode, filesystem_error_code};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

const STREAMS: Interface = Interface("wasi:io/streams");

pub fn checks() {
    input();
    let file = create(&root(), "streams");
    output(&file);
    zeroes(&file);
    splices(&file);
    errors(&file);
}

fn input() {
    let stdin = get_stdin();
    stdin.subscribe().block();
    check!(STREAMS, "[method]input-stream.subscribe", stdin.subscribe().ready());
    check!(
        STREAMS,
        "[method]input-stream.blocking-read",
        stdin.blocking_read(2).is_ok_and(|b| b == b"01")
    );
    check!(
        STREAMS,
        "[method]input-stream.read",
        stdin.read(0).is_ok_and(|b| b.is_empty())
    );
    check!(STREAMS, "[method]input-stream.read", read(&stdin, 2) == b"23");
    check!(
        STREAMS,
        "[method]input-stream.blocking-skip",
        stdin.blocking_skip(2).is_ok_and(|n| n == 2)
    );
    check!(STREAMS, "[method]input-stream.skip", skip(&stdin, 2) == 2);
    check!(
        STREAMS,
        "[method]input-stream.blocking-read",
        stdin.blocking_read(100).is_ok_and(|b| b == b"89")
    );
    check!(
        STREAMS,
        "[method]input-stream.blocking-read",
        matches!(stdin.blocking_read(1), Err(StreamError::Closed))
    );
    check!(
        STREAMS,
        "[method]input-stream.read",
        matches!(stdin.read(1), Err(StreamError::Closed))
    );
    check!(
        STREAMS,
        "[method]input-stream.blocking-skip",
        matches!(stdin.blocking_skip(1), Err(StreamError::Closed))
    );
    check!(
        STREAMS,
        "[method]input-stream.skip",
        matches!(stdin.skip(1), Err(StreamError::Closed))
    );
}

/// What comes without waiting, when something is there.
fn read(stream: &InputStream, most: u64) -> Vec<u8> {
    loop {
        stream.subscribe().block();
        let bytes = stream.read(most).unwrap_or_default();
        if !bytes.is_empty() {
            return bytes;
        }
    }
}

fn skip(stream: &InputStream, most: u64) -> u64 {
    loop {
        stream.subscribe().block();
        let skipped = stream.skip(most).unwrap_or(u64::MAX);
        if skipped > 0 {
            return skipped;
        }
    }
}

fn content(file: &Descriptor) -> Vec<u8> {
    file.read(100, 0).map(|(bytes, _)| bytes).unwrap_or_default()
}

fn output(file: &Descriptor) {
    let stream = file.write_via_stream(0).unwrap();
    check!(STREAMS, "[method]output-stream.check-write", permitted(&stream) >= 4096);
    check!(STREAMS, "[method]output-stream.write", stream.write(b"abc").is_ok());
    check!(STREAMS, "[method]output-stream.flush", stream.flush().is_ok());
    stream.subscribe().block();
    check!(STREAMS, "[method]output-stream.subscribe", stream.subscribe().ready());
    check!(
        STREAMS,
        "[method]output-stream.blocking-flush",
        stream.blocking_flush().is_ok()
    );
    check!(STREAMS, "[method]output-stream.blocking-flush", content(file) == b"abc");
    check!(
        STREAMS,
        "[method]output-stream.blocking-write-and-flush",
        stream.blocking_write_and_flush(b"def").is_ok()
    );
    check!(
        STREAMS,
        "[method]output-stream.blocking-write-and-flush",
        content(file) == b"abcdef"
    );
}

/// What may be written at once, when something may.
fn permitted(stream: &OutputStream) -> u64 {
    stream.subscribe().block();
    stream.check_write().unwrap_or_default()
}

fn zeroes(file: &Descriptor) {
    let stream = file.write_via_stream(6).unwrap();
    permitted(&stream);
    let written = stream.write_zeroes(2).and_then(|()| stream.blocking_flush());
    check!(
        STREAMS,
        "[method]output-stream.write-zeroes",
        written.is_ok() && content(file) == b"abcdef\0\0"
    );
    let written = stream.blocking_write_zeroes_and_flush(2);
    check!(
        STREAMS,
        "[method]output-stream.blocking-write-zeroes-and-flush",
        written.is_ok() && content(file) == b"abcdef\0\0\0\0"
    );
}

fn splices(file: &Descriptor) {
    let copy = create(&root(), "copy");
    let (from, to) = (file.read_via_stream(0).unwrap(), copy.write_via_stream(0).unwrap());
    let moved = to
        .blocking_splice(&from, 3)
        .and_then(|n| to.blocking_flush().map(|()| n));
    check!(
        STREAMS,
        "[method]output-stream.blocking-splice",
        matches!(moved, Ok(3)) && content(&copy) == b"abc"
    );
    from.subscribe().block();
    permitted(&to);
    let moved = to
        .splice(&from, 3)
        .and_then(|n| to.blocking_flush().map(|()| n))
        .unwrap_or(100);
    let expected = &b"abcdef"[..3 + moved as usize];
    check!(
        STREAMS,
        "[method]output-stream.splice",
        moved <= 3 && content(&copy) == expected
    );
}

/// A write beyond what a file can have fails after the call, and the stream tells why and is closed then.
fn errors(file: &Descriptor) {
    let stream = file.write_via_stream(u64::MAX - 1).unwrap();
    let failed = stream.blocking_write_and_flush(b"x");
    let Err(StreamError::LastOperationFailed(error)) = failed else {
        check!(STREAMS, "[method]output-stream.blocking-write-and-flush", false);
        return;
    };
    let io = Interface("wasi:io/error");
    check!(io, "[method]error.to-debug-string", !error.to_debug_string().is_empty());
    let types = Interface("wasi:filesystem/types");
    check!(
        types,
        "filesystem-error-code",
        filesystem_error_code(&error) == Some(ErrorCode::Invalid)
    );
    check!(
        STREAMS,
        "[method]output-stream.write",
        matches!(stream.check_write(), Err(StreamError::Closed))
    );
}
