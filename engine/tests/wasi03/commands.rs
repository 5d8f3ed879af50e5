//! What commands get and give.

use crate::common::{Serve, display, open_reader};
use crate::{WASI3, command, ran};
use std::fs;
use std::io::{Read, Write};
use std::thread;
use std::time::Duration;

#[tokio::test]
async fn a_command_sees_its_arguments_environment_and_files() {
    let serve = Serve::switched(WASI3).await;
    let (mut request, out, _) = command(&serve, &["show", "x y"]);
    request.env = vec!["NAME=you".to_owned()];
    assert_eq!(serve.finish(&request).await.exit_status, 0);
    assert_eq!(fs::read_to_string(out).unwrap(), "command show x y\nNAME=you\n");

    let root = serve.scratch.path("root");
    fs::write(root.join("there"), "what it holds").unwrap();
    assert_eq!(ran(&serve, &["cat", "there"]).await.1, "what it holds");
    assert_eq!(ran(&serve, &["put", "new", "text"]).await.0, 0);
    assert_eq!(fs::read_to_string(root.join("new")).unwrap(), "text");
    assert_eq!(ran(&serve, &["list", "."]).await.1, "new there\n");
    std::os::unix::fs::symlink("/etc", root.join("out")).unwrap();
    for outside in ["../g0.out", "out/passwd", "/etc/passwd"] {
        let (_, said, complaint) = ran(&serve, &["cat", outside]).await;
        assert_eq!(said, "");
        assert!(complaint.contains("ErrorCode::"), "{outside}: {complaint}");
    }
}

#[tokio::test]
async fn what_a_command_says_on_its_way_out_is_its_status() {
    let serve = Serve::switched(WASI3).await;
    for (how, status) in [
        (&["exit"][..], 0),
        (&["fail"], 1),
        (&["code", "200"], 200),
        (&["trap"], 134),
        (&["deadlock"], 134),
    ] {
        assert_eq!(ran(&serve, how).await.0, status, "{how:?}");
    }
}

#[tokio::test]
async fn waits_go_on_at_the_same_time() {
    let serve = Serve::switched(WASI3).await;
    let (status, out, err) = ran(&serve, &["sleep", "60", "20", "40"]).await;
    assert_eq!((status, out.as_str()), (0, "20\n40\n60\n"), "{err}");
}

#[tokio::test]
async fn a_deterministic_clock_moves_with_looks_and_waits_alone() {
    let serve = Serve::switched(WASI3).await;
    let (mut request, out, _) = command(&serve, &["clock"]);
    request.policy.mut_or_insert_default().deterministic = true;
    for _ in 0..2 {
        assert_eq!(serve.finish(&request).await.exit_status, 0);
    }
    // Begins at zero; a look is 1 µs, and so is that of a wait until a time. 2000-01-01 is where the other clock begins.
    let seen = "0 5001000 10003000 946684800\n";
    assert_eq!(fs::read_to_string(out).unwrap(), format!("{seen}{seen}"));
}

#[tokio::test]
async fn standard_input_arrives_whole_in_either_way() {
    for how in ["copy", "pass"] {
        let serve = Serve::switched(WASI3).await;
        let fifo = serve.scratch.fifo("in");
        let (mut request, out, err) = command(&serve, &[how]);
        request.stdio.mut_or_insert_default().stdin = display(&fifo);
        serve.launch(&request).await;
        let text: String = (0..50_000).map(|n| format!("{n:06}\n")).collect();
        let (sent, to) = (text.clone(), fifo.clone());
        thread::spawn(move || {
            fs::OpenOptions::new()
                .write(true)
                .open(to)
                .unwrap()
                .write_all(sent.as_bytes())
        })
        .join()
        .unwrap()
        .unwrap();
        serve.close_io(&request.id).await;
        assert_eq!(
            serve.next_exit().await.exit_status,
            0,
            "{}",
            fs::read_to_string(err).unwrap()
        );
        assert!(fs::read_to_string(out).unwrap() == text, "{how}: not what was sent");
    }
}

#[tokio::test]
async fn a_slow_reader_gets_every_byte() {
    const BYTES: usize = 1 << 20;
    let serve = Serve::switched(WASI3).await;
    let fifo = serve.scratch.fifo("out");
    let (mut request, _, _) = command(&serve, &["pour", &BYTES.to_string()]);
    request.stdio.mut_or_insert_default().stdout = display(&fifo);
    serve.create(&request).await.unwrap();
    let mut reader = open_reader(&fifo);
    let reading = thread::spawn(move || {
        let (mut all, mut part) = (Vec::new(), [0; 8192]);
        while let Ok(n @ 1..) = reader.read(&mut part) {
            all.extend_from_slice(&part[..n]);
            thread::sleep(Duration::from_micros(300));
        }
        all
    });
    serve.start_guest(&request.id).await.unwrap();
    assert_eq!(serve.next_exit().await.exit_status, 0);
    let all = reading.join().unwrap();
    assert_eq!(all.len(), BYTES);
    assert!(all.iter().enumerate().all(|(n, byte)| *byte == n as u8));
}

#[tokio::test]
async fn components_of_wasi_2_and_modules_run_beside_it() {
    let serve = Serve::switched(WASI3).await;
    let text = crate::common::guest(
        r#"(data (i32.const 0) "hello")"#,
        "(call $put (i32.const 1) (i32.const 0) (i32.const 5))",
    );
    for kind in crate::common::KINDS {
        let mut request = serve.request(kind(&text));
        let (out, _) = serve.with_files(&mut request);
        assert_eq!(serve.finish(&request).await.exit_status, 0);
        assert_eq!(fs::read_to_string(out).unwrap(), "hello");
    }
}
