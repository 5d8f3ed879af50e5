//! A guest can be ended, parked and resumed at any moment, whatever it is doing.

mod common;

use common::{KINDS, Serve, display, drain, guest, open_nonblocking, until};
use std::fs;
use std::io::Write;

const LOOP: &str = "(loop (br 0))";
/// Waits for 1000 seconds.
const SLEEP: &str = "(i64.store (i32.const 24) (i64.const 1000000000000))
    (drop (call $poll_oneoff (i32.const 0) (i32.const 104) (i32.const 1) (i32.const 200)))";
/// Waits for stdin or 1000 seconds.
const POLL_BOTH: &str = "(i64.store (i32.const 24) (i64.const 1000000000000))
    (i32.store8 (i32.const 56) (i32.const 1))
    (drop (call $poll_oneoff (i32.const 0) (i32.const 104) (i32.const 2) (i32.const 200)))";
/// Reads stdin to its end, then exits with 7.
const READ: &str = "(i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 4096))
    (loop
      (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (br_if 0 (i32.load (i32.const 8))))
    (call $proc_exit (i32.const 7))";
/// Writes to stdout without end.
const FLOOD: &str = "(loop (call $put (i32.const 1) (i32.const 0) (i32.const 4096)) (br 0))";

/// Whether the guest's thread waits in the kernel.
fn asleep(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('S'))
}

async fn ends_by(body: &str, stdin: bool, full_stdout: bool, waits: bool) {
    for kind in KINDS {
        program_ends_by(&kind(&guest("", body)), stdin, full_stdout, waits).await;
    }
}

async fn program_ends_by(program: &[u8], stdin: bool, full_stdout: bool, waits: bool) {
    let serve = Serve::start().await;
    let mut request = serve.request(program);
    let (fifo_in, fifo_out) = (serve.scratch.fifo("in"), serve.scratch.fifo("out"));
    let stdio = request.stdio.mut_or_insert_default();
    if stdin {
        stdio.stdin = display(&fifo_in);
    }
    if full_stdout {
        stdio.stdout = display(&fifo_out);
    }
    for (signal, status) in [(15, 143), (9, 137), (2, 130)] {
        let pid = serve.launch(&request).await;
        if waits {
            until("the guest waits", || asleep(pid)).await;
        }
        assert_eq!(serve.end(&request.id, signal).await.exit_status, status);
        serve.delete(&request.id).await.unwrap();
    }
}

#[tokio::test]
async fn an_endless_loop_is_ended() {
    ends_by(LOOP, false, false, false).await;
}

#[tokio::test]
async fn a_sleeper_is_ended() {
    ends_by(SLEEP, false, false, true).await;
}

#[tokio::test]
async fn a_poller_of_clock_and_stdin_is_ended() {
    ends_by(POLL_BOTH, true, false, true).await;
}

#[tokio::test]
async fn a_reader_of_stdin_is_ended() {
    ends_by(READ, true, false, true).await;
}

#[tokio::test]
async fn a_writer_into_a_full_pipe_is_ended() {
    ends_by(FLOOD, false, true, true).await;
}

#[tokio::test]
async fn a_guest_stuck_in_the_open_of_a_fifo_is_ended() {
    let serve = Serve::start().await;
    common::mkfifo(&serve.scratch.path("root/fifo"));
    // Only for reading, so that the open waits for a writer; a guest that tries again is ended as well.
    let body = "(loop (drop (call $path_open (i32.const 3) (i32.const 1) (i32.const 0) (i32.const 4) (i32.const 0)
        (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 100))) (br 0))";
    let request = serve.request(guest(r#"(data (i32.const 0) "fifo")"#, body));
    let pid = serve.launch(&request).await;
    until("the guest waits", || asleep(pid)).await;
    let exit = serve.end(&request.id, 9).await;
    assert_eq!((exit.exit_status, exit.cause.as_str()), (137, ""));
    serve.delete(&request.id).await.unwrap();
}

#[tokio::test]
async fn signals_without_an_end_do_nothing() {
    let serve = Serve::start().await;
    let request = serve.request(guest("", SLEEP));
    serve.launch(&request).await;
    for signal in [0, 17, 23, 28, 18] {
        serve.signal(&request.id, signal).await.unwrap();
    }
    assert_eq!(serve.end(&request.id, 15).await.exit_status, 143);
}

#[tokio::test]
async fn stdin_ends_when_the_engine_and_the_last_writer_have_closed_it() {
    let serve = Serve::start().await;
    let fifo = serve.scratch.fifo("in");
    let mut request = serve.request(guest("", READ));
    request.stdio.mut_or_insert_default().stdin = display(&fifo);
    let pid = serve.launch(&request).await;
    let mut writer = fs::OpenOptions::new().write(true).open(&fifo).unwrap();
    writer.write_all(b"some").unwrap();
    drop(writer);
    until("the guest waits", || asleep(pid)).await;
    assert!(serve.stats(&request.id).await.threads > 0);
    serve.close_io(&request.id).await;
    assert_eq!(serve.next_exit().await.exit_status, 7);
}

/// A guest that writes one byte after the other to the fifo `out`.
async fn ticking(serve: &Serve, kind: fn(&str) -> Vec<u8>) -> (String, fs::File) {
    let fifo = serve.scratch.fifo("out");
    let mut request = serve.request(kind(&guest(
        "",
        "(loop (call $put (i32.const 1) (i32.const 0) (i32.const 1)) (br 0))",
    )));
    request.stdio.mut_or_insert_default().stdout = display(&fifo);
    let reader = open_nonblocking(&fifo);
    serve.launch(&request).await;
    (request.id, reader)
}

#[tokio::test]
async fn a_paused_guest_does_nothing_until_it_is_resumed() {
    for kind in KINDS {
        does_nothing_while_paused(kind).await;
    }
}

async fn does_nothing_while_paused(kind: fn(&str) -> Vec<u8>) {
    let serve = Serve::start().await;
    let (id, mut reader) = ticking(&serve, kind).await;
    until("output", || drain(&mut reader) > 0).await;
    for (pause, resume) in [(None, None), (Some(19), Some(18))] {
        match pause {
            None => serve.pause(&id).await,
            Some(signal) => serve.signal(&id, signal).await.unwrap(),
        }
        drain(&mut reader);
        serve.assert_rests(&id).await;
        assert_eq!(drain(&mut reader), 0);
        match resume {
            None => serve.resume(&id).await,
            Some(signal) => serve.signal(&id, signal).await.unwrap(),
        }
        until("output again", || drain(&mut reader) > 0).await;
    }
    assert_eq!(serve.end(&id, 9).await.exit_status, 137);
}

#[tokio::test]
async fn a_paused_guest_can_be_killed() {
    for (body, kind) in [(LOOP, KINDS[0]), (LOOP, KINDS[1]), (SLEEP, KINDS[0]), (SLEEP, KINDS[1])] {
        let serve = Serve::start().await;
        let request = serve.request(kind(&guest("", body)));
        serve.launch(&request).await;
        serve.pause(&request.id).await;
        assert_eq!(serve.end(&request.id, 9).await.exit_status, 137);
    }
}
