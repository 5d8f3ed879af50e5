//! Guests that join a running container: they share what is the container's and nothing else.

mod common;

use common::{Serve, code_of, display, guest, open_nonblocking, until};
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::io::Write;
use ttrpc::Code;

const LOOP: &str = "(loop (br 0))";
const MIB: u64 = 1 << 20;

/// A request to run a module in the container of `first`.
fn joining(serve: &Serve, first: &wire::CreateRequest, text: &str) -> wire::CreateRequest {
    let mut request = serve.request(text);
    request.container = first.id.clone();
    request.root_path = String::new();
    request
}

async fn running(serve: &Serve) -> wire::CreateRequest {
    let request = serve.request(guest("", LOOP));
    serve.launch(&request).await;
    request
}

#[tokio::test]
async fn an_exec_has_the_containers_root_and_its_own_arguments_streams_and_status() {
    let serve = Serve::start().await;
    fs::write(serve.scratch.path("root/file"), "x").unwrap();
    let first = running(&serve).await;
    let body = "(drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
        (drop (call $args_get (i32.const 16) (i32.const 1024)))
        (call $put (i32.const 1) (i32.const 1024) (i32.load (i32.const 4)))
        (call $proc_exit (i32.add (i32.const 40)
          (call $open (i32.const 3) (i32.const 512) (i32.const 4) (i32.const 0))))";
    let mut request = joining(&serve, &first, &guest(r#"(data (i32.const 512) "file")"#, body));
    request.args = vec!["other".to_owned()];
    let (out, _) = serve.with_files(&mut request);
    let exit = serve.finish(&request).await;
    assert_eq!((exit.exit_status, exit.oom_killed), (40, false));
    assert_eq!(fs::read_to_string(out).unwrap(), "other\0");
    assert_eq!(serve.end(&first.id, 9).await.exit_status, 137);
}

#[tokio::test]
async fn an_exec_can_call_another_export() {
    let serve = Serve::start().await;
    let text = guest(r#"(func (export "other") (call $proc_exit (i32.const 6)))"#, LOOP);
    let first = serve.request(&text);
    serve.launch(&first).await;
    let mut request = joining(&serve, &first, &text);
    request.entrypoint = "other".to_owned();
    assert_eq!(serve.finish(&request).await.exit_status, 6);
}

#[tokio::test]
async fn a_signal_to_an_exec_leaves_the_container_alone() {
    let serve = Serve::start().await;
    let first = running(&serve).await;
    let exec = joining(&serve, &first, &guest("", LOOP));
    let pid = serve.launch(&exec).await;
    assert!(fs::exists(format!("/proc/{}/task/{pid}", serve.child.id())).unwrap());
    assert_eq!(serve.end(&exec.id, 15).await.exit_status, 143);
    serve.delete(&exec.id).await.unwrap();
    assert_eq!(serve.stats(&first.id).await.threads, 1);
    assert_eq!(serve.end(&first.id, 2).await.exit_status, 130);
}

#[tokio::test]
async fn a_signal_to_all_reaches_the_execs_before_the_first() {
    let serve = Serve::start().await;
    let first = running(&serve).await;
    let exec = joining(&serve, &first, &guest("", LOOP));
    serve.launch(&exec).await;
    let mut request = wire::SignalRequest::new();
    (request.id, request.signal, request.all) = (first.id.clone(), 15, true);
    serve.client.signal(common::patience(), &request).await.unwrap();
    for id in [&exec.id, &first.id] {
        let exit = serve.next_exit().await;
        assert_eq!((&exit.id, exit.exit_status), (id, 143));
    }
}

#[tokio::test]
async fn a_container_ends_with_its_first_guest_and_its_execs_before() {
    let serve = Serve::start().await;
    // Ends by itself as soon as its stdin does.
    let mut first = serve.request(guest(
        "",
        "(i32.store (i32.const 4) (i32.const 8))
         (loop (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
           (br_if 0 (i32.load (i32.const 8))))",
    ));
    let fifo = serve.scratch.fifo("in");
    first.stdio.mut_or_insert_default().stdin = display(&fifo);
    serve.launch(&first).await;
    let busy = joining(&serve, &first, &guest("", LOOP));
    let unstarted = joining(&serve, &first, &guest("", LOOP));
    serve.launch(&busy).await;
    serve.create(&unstarted).await.unwrap();
    serve.close_io(&first.id).await;
    let mut ends = Vec::new();
    for _ in 0..3 {
        let exit = serve.next_exit().await;
        ends.push((exit.id, exit.exit_status));
    }
    assert_eq!(ends[2], (first.id.clone(), 0));
    ends.sort();
    assert_eq!(ends[1..], [(busy.id.clone(), 137), (unstarted.id.clone(), 137)]);
    let late = joining(&serve, &first, &guest("", LOOP));
    assert_eq!(code_of(serve.create(&late).await.unwrap_err()), Code::NOT_FOUND);
    serve.delete(&busy.id).await.unwrap();
    serve.delete(&first.id).await.unwrap();
    let forgotten = serve.delete(&unstarted.id).await.unwrap_err();
    assert_eq!(code_of(forgotten), Code::NOT_FOUND);
    assert_eq!(code_of(serve.create(&late).await.unwrap_err()), Code::NOT_FOUND);
}

#[tokio::test]
async fn only_a_running_container_can_be_joined() {
    let serve = Serve::start().await;
    let first = serve.request(guest("", LOOP));
    serve.create(&first).await.unwrap();
    let exec = joining(&serve, &first, &guest("", ""));
    let refused = serve.create(&exec).await.unwrap_err();
    assert_eq!(code_of(refused), Code::FAILED_PRECONDITION);
    serve.start_guest(&first.id).await.unwrap();
    serve.pause(&first.id).await;
    let refused = serve.create(&exec).await.unwrap_err();
    assert!(refused.to_string().contains("is paused"), "{refused}");
    serve.resume(&first.id).await;
    assert_eq!(serve.finish(&exec).await.exit_status, 0);
    let mut missing = exec.clone();
    missing.container = "nobody".to_owned();
    assert_eq!(code_of(serve.create(&missing).await.unwrap_err()), Code::NOT_FOUND);
}

#[tokio::test]
async fn pause_parks_the_execs_too_and_a_stop_only_its_guest() {
    let serve = Serve::start().await;
    let fifo = serve.scratch.fifo("out");
    let first = running(&serve).await;
    let tick = "(loop (call $put (i32.const 1) (i32.const 0) (i32.const 1)) (br 0))";
    let mut exec = joining(&serve, &first, &guest("", tick));
    exec.stdio.mut_or_insert_default().stdout = display(&fifo);
    let mut reader = open_nonblocking(&fifo);
    serve.launch(&exec).await;
    serve.pause(&first.id).await;
    common::drain(&mut reader);
    // SIGCONT is not for what Pause has parked.
    serve.signal(&exec.id, 18).await.unwrap();
    serve.assert_rests(&first.id).await;
    assert_eq!(common::drain(&mut reader), 0);
    serve.resume(&first.id).await;
    until("output again", || common::drain(&mut reader) > 0).await;
    serve.signal(&exec.id, 19).await.unwrap();
    common::drain(&mut reader);
    let before = serve.cpu_time(&first.id).await;
    while serve.cpu_time(&first.id).await == before {}
    assert_eq!(common::drain(&mut reader), 0);
    serve.end(&exec.id, 9).await;
}

#[tokio::test]
async fn memory_is_counted_together_and_given_back_alone() {
    let serve = Serve::start().await;
    let grown = |pages: u32| {
        let grow = format!("(if (i32.eq (memory.grow (i32.const {pages})) (i32.const -1)) (then unreachable))");
        guest("", &format!("{grow} {LOOP}"))
    };
    let mut first = serve.request(grown(62));
    first.limits.mut_or_insert_default().memory_bytes = 10 * MIB;
    serve.launch(&first).await;
    let fits = joining(&serve, &first, &grown(62));
    serve.launch(&fits).await;
    while serve.stats(&first.id).await.memory_bytes < 8 * MIB {}
    let exit = serve.finish(&joining(&serve, &first, &grown(62))).await;
    assert_eq!((exit.exit_status, exit.oom_killed), (137, true));
    serve.end(&fits.id, 9).await;
    let stats = serve.stats(&first.id).await;
    assert_eq!((stats.memory_bytes, stats.oom_kills), (4 * MIB, 1));
    assert!(stats.memory_peak_bytes > 8 * MIB && stats.memory_refusals > 0);
}

#[tokio::test]
async fn an_exec_cannot_outlive_a_first_guest_that_the_kernel_keeps() {
    let serve = Serve::start().await;
    let first = running(&serve).await;
    let fifo = serve.scratch.fifo("in");
    let read = "(i32.store (i32.const 4) (i32.const 8))
        (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))";
    let mut exec = joining(&serve, &first, &guest("", read));
    exec.stdio.mut_or_insert_default().stdin = display(&fifo);
    serve.launch(&exec).await;
    let mut writer = fs::OpenOptions::new().write(true).open(&fifo).unwrap();
    writer.write_all(b"").unwrap();
    serve.signal(&first.id, 9).await.unwrap();
    assert_eq!(serve.next_exit().await.id, exec.id);
    assert_eq!(serve.next_exit().await.id, first.id);
}
