//! A guest's life from Create to Delete, over the real protocol.

mod common;

use common::{KINDS, Serve, code_of, compile, guest, patience};
use krustlet_engine::proto::engine as wire;
use std::fs;
use ttrpc::Code;

fn hello() -> String {
    guest(
        r#"(data (i32.const 0) "hello\n")"#,
        "(call $put (i32.const 1) (i32.const 0) (i32.const 6))",
    )
}

#[tokio::test]
async fn hello_writes_its_line_and_ends_with_0() {
    let serve = Serve::start().await;
    let mut request = serve.request(hello());
    let (out, _) = serve.with_files(&mut request);
    let exit = serve.finish(&request).await;
    assert_eq!((exit.exit_status, exit.oom_killed, exit.cause.as_str()), (0, false, ""));
    assert!(exit.exited_at_ns > 0);
    assert_eq!(fs::read_to_string(out).unwrap(), "hello\n");
}

#[tokio::test]
async fn an_exit_code_is_the_status_up_to_255() {
    let serve = Serve::start().await;
    for code in [0, 42, 126, 255] {
        let request = serve.request(guest("", &format!("(call $proc_exit (i32.const {code}))")));
        assert_eq!(serve.finish(&request).await.exit_status, code);
    }
}

#[tokio::test]
async fn arguments_and_environment_arrive() {
    let serve = Serve::start().await;
    let body = "(drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
        (drop (call $args_get (i32.const 16) (i32.const 1024)))
        (call $put (i32.const 1) (i32.const 1024) (i32.load (i32.const 4)))
        (drop (call $environ_sizes_get (i32.const 0) (i32.const 4)))
        (drop (call $environ_get (i32.const 16) (i32.const 1024)))
        (call $put (i32.const 1) (i32.const 1024) (i32.load (i32.const 4)))";
    for kind in KINDS {
        let mut request = serve.request(kind(&guest("", body)));
        request.args = vec!["a0".into(), "b c".into()];
        request.env = vec!["NAME=a=b".into(), "EMPTY=".into()];
        let (out, _) = serve.with_files(&mut request);
        serve.finish(&request).await;
        assert_eq!(fs::read_to_string(out).unwrap(), "a0\0b c\0NAME=a=b\0EMPTY=\0");
    }
}

#[tokio::test]
async fn a_trap_is_134_with_a_backtrace_on_stderr() {
    let serve = Serve::start().await;
    for kind in KINDS {
        let mut request = serve.request(kind(&guest("", "unreachable")));
        let (_, err) = serve.with_files(&mut request);
        let exit = serve.finish(&request).await;
        assert_eq!(exit.exit_status, 134);
        assert!(exit.cause.contains("unreachable"), "{}", exit.cause);
        let text = fs::read_to_string(err).unwrap();
        assert!(text.contains("wasm backtrace") && text.contains("main"), "{text}");
    }
}

#[tokio::test]
async fn endless_recursion_is_a_trap_and_the_engine_goes_on() {
    let serve = Serve::start().await;
    let exit = serve.finish(&serve.request(guest("", "(call $main)"))).await;
    assert_eq!(exit.exit_status, 134);
    assert!(exit.cause.contains("stack"), "{}", exit.cause);
    assert_eq!(serve.finish(&serve.request(hello())).await.exit_status, 0);
}

#[tokio::test]
async fn a_text_beyond_a_full_stderr_does_not_hold_up_the_exit() {
    let serve = Serve::start().await;
    let mut request = serve.request(guest("", "unreachable"));
    let fifo = serve.scratch.fifo("err");
    let mut full = fs::OpenOptions::new().read(true).write(true).open(&fifo).unwrap();
    std::io::Write::write_all(&mut full, &[b'x'; 65536]).unwrap();
    request.stdio.mut_or_insert_default().stderr = common::display(&fifo);
    assert_eq!(serve.finish(&request).await.exit_status, 134);
}

#[tokio::test]
async fn ids_in_use_unknown_ids_and_wrong_states_have_their_codes() {
    let serve = Serve::start().await;
    let mut request = serve.request(guest("", "(loop (br 0))"));
    serve.create(&request).await.unwrap();
    assert_eq!(code_of(serve.create(&request).await.unwrap_err()), Code::ALREADY_EXISTS);
    serve.start_guest(&request.id).await.unwrap();
    assert_eq!(
        code_of(serve.start_guest(&request.id).await.unwrap_err()),
        Code::FAILED_PRECONDITION
    );
    assert_eq!(
        code_of(serve.delete(&request.id).await.unwrap_err()),
        Code::FAILED_PRECONDITION
    );
    assert_eq!(
        code_of(serve.signal(&request.id, 99).await.unwrap_err()),
        Code::INVALID_ARGUMENT
    );
    assert_eq!(serve.end(&request.id, 9).await.exit_status, 137);
    assert_eq!(
        code_of(serve.signal(&request.id, 9).await.unwrap_err()),
        Code::NOT_FOUND
    );
    serve.delete(&request.id).await.unwrap();
    assert_eq!(code_of(serve.delete(&request.id).await.unwrap_err()), Code::NOT_FOUND);
    request.compiled_path = "/nowhere".into();
    assert_eq!(
        code_of(serve.create(&request).await.unwrap_err()),
        Code::INVALID_ARGUMENT
    );
    assert_eq!(
        code_of(serve.signal(&request.id, 9).await.unwrap_err()),
        Code::NOT_FOUND
    );
}

#[tokio::test]
async fn a_created_guest_can_be_deleted_or_killed() {
    let serve = Serve::start().await;
    let request = serve.request(hello());
    let pid = serve.create(&request).await.unwrap();
    let task = format!("/proc/{}/task/{pid}", serve.child.id());
    assert!(fs::exists(&task).unwrap());
    serve.delete(&request.id).await.unwrap();
    assert!(!fs::exists(&task).unwrap());
    serve.create(&request).await.unwrap();
    assert_eq!(serve.end(&request.id, 15).await.exit_status, 143);
}

#[tokio::test]
async fn a_damaged_or_foreign_compiled_file_is_refused() {
    let serve = Serve::start().await;
    let request = serve.request(hello());
    let good = fs::read(&request.compiled_path).unwrap();
    for (name, bytes) in [("half", &good[..good.len() / 2]), ("empty", &[]), ("junk", &[7; 9000])] {
        let mut bad = request.clone();
        let path = serve.scratch.path(name);
        fs::write(&path, bytes).unwrap();
        bad.compiled_path = common::display(&path);
        let error = serve.create(&bad).await.unwrap_err();
        assert_eq!(code_of(error), Code::INVALID_ARGUMENT, "{name}");
    }
    let mut elsewhere = request.clone();
    elsewhere.entrypoint = "missing".into();
    assert!(
        serve
            .create(&elsewhere)
            .await
            .unwrap_err()
            .to_string()
            .contains("missing")
    );
    assert_eq!(serve.finish(&request).await.exit_status, 0);
}

#[tokio::test]
async fn the_working_directory_must_be_there_and_stays_in_the_root() {
    let serve = Serve::start().await;
    let mut request = serve.request(hello());
    request.cwd = "/missing".into();
    assert_eq!(
        code_of(serve.create(&request).await.unwrap_err()),
        Code::INVALID_ARGUMENT
    );
    let root = serve.scratch.path("root");
    std::os::unix::fs::symlink("/../../../tmp", root.join("out")).unwrap();
    request.cwd = "/out".into();
    assert_eq!(
        code_of(serve.create(&request).await.unwrap_err()),
        Code::INVALID_ARGUMENT
    );
    fs::create_dir(root.join("tmp")).unwrap();
    assert_eq!(serve.finish(&request).await.exit_status, 0);
}

#[tokio::test]
async fn two_hundred_guests_run_at_once() {
    let serve = Serve::start().await;
    let request = serve.request(guest("", "(loop (br 0))"));
    let sleeper = serve.request(sleep());
    for n in 0..200 {
        let mut one = if n == 0 { request.clone() } else { sleeper.clone() };
        one.id = format!("many{n}");
        serve.launch(&one).await;
    }
    for n in 0..200 {
        assert_eq!(serve.end(&format!("many{n}"), 9).await.exit_status, 137);
        serve.delete(&format!("many{n}")).await.unwrap();
    }
}

/// Sleeps for 1000 seconds.
fn sleep() -> String {
    guest(
        "",
        "(i64.store (i32.const 24) (i64.const 1000000000000))
         (drop (call $poll_oneoff (i32.const 0) (i32.const 104) (i32.const 1) (i32.const 200)))",
    )
}

#[tokio::test]
async fn guests_that_have_ended_leave_no_descriptors() {
    let serve = Serve::start().await;
    let descriptors = || fs::read_dir(format!("/proc/{}/fd", serve.child.id())).unwrap().count();
    for body in ["", "(call $proc_exit (i32.const 3))", "unreachable"] {
        let request = serve.request(guest("", body));
        // The first one's module stays loaded, with its file.
        serve.finish(&request).await;
        let before = descriptors();
        for _ in 0..10 {
            serve.finish(&request).await;
        }
        assert_eq!(descriptors(), before, "{body}");
    }
}

#[tokio::test]
async fn serve_ends_when_its_stdin_does() {
    let mut serve = Serve::start().await;
    serve.launch(&serve.request(guest("", "(loop (br 0))"))).await;
    drop(serve.child.stdin.take());
    assert!(serve.child.wait().unwrap().success());
    assert!(!serve.scratch.path("engine.sock").exists());
}

#[tokio::test]
async fn info_says_what_version_says() {
    let serve = Serve::start().await;
    let info = serve.client.info(patience(), &wire::InfoRequest::new()).await.unwrap();
    let output = std::process::Command::new(common::ENGINE)
        .arg("version")
        .output()
        .unwrap();
    let expected = format!(
        "engine_version={}\nwasmtime_version={}\nengine_hash={}\n",
        info.engine_version, info.wasmtime_version, info.engine_hash
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    assert_eq!(info.protocol, 1);
    assert_eq!(info.pid, serve.child.id());
    let lock = include_str!("../Cargo.lock");
    assert!(lock.contains(&format!(
        "name = \"wasmtime\"\nversion = \"{}\"\n",
        info.wasmtime_version
    )));
}

#[test]
fn compile_refuses_with_a_sentence_and_65() {
    for (bytes, word) in [
        (&b"\0asm\x0c\0\x01\0"[..], "version"),
        (b"#!/bin/sh\n", "not a WebAssembly module"),
        (b"\0asm\x01\0\0\0\xff\xff", "cannot be compiled"),
    ] {
        let output = compile(bytes);
        assert_eq!(output.status.code(), Some(65));
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(word) && text.lines().count() == 1, "{text}");
        assert!(output.stdout.is_empty());
    }
}
