//! Every byte a guest wrote arrives, in order.

mod common;

use common::{KINDS, Serve, display, guest, open_reader};
use std::io::{BufRead, BufReader, Read};
use std::thread;
use std::time::Duration;

/// Writes the lines "000000\n" to "099999\n".
fn lines() -> String {
    let digit = |place: u32, unit: u32| {
        format!(
            "(i32.store8 (i32.const {place}) (i32.add (i32.const 48)
               (i32.rem_u (i32.div_u (local.get $n) (i32.const {unit})) (i32.const 10))))"
        )
    };
    let digits: String = [(0, 100_000), (1, 10_000), (2, 1_000), (3, 100), (4, 10), (5, 1)]
        .map(|(place, unit)| digit(place, unit))
        .concat();
    guest(
        r#"(data (i32.const 6) "\n")"#,
        &format!(
            "(local $n i32)
             (loop {digits}
               (call $put (i32.const 1) (i32.const 0) (i32.const 7))
               (local.set $n (i32.add (local.get $n) (i32.const 1)))
               (br_if 0 (i32.lt_u (local.get $n) (i32.const 100000))))"
        ),
    )
}

async fn all_lines_arrive(pause_every: usize) {
    for kind in KINDS {
        all_lines_of(&kind(&lines()), pause_every).await;
    }
}

async fn all_lines_of(program: &[u8], pause_every: usize) {
    let serve = Serve::start().await;
    let fifo = serve.scratch.fifo("out");
    let mut request = serve.request(program);
    request.stdio.mut_or_insert_default().stdout = display(&fifo);
    serve.create(&request).await.unwrap();
    let reader = open_reader(&fifo);
    let reading = thread::spawn(move || {
        let mut count = 0;
        for line in BufReader::with_capacity(512, reader).lines() {
            assert_eq!(line.unwrap(), format!("{count:06}"));
            count += 1;
            if pause_every != 0 && count % pause_every == 0 {
                thread::sleep(Duration::from_millis(1));
            }
        }
        count
    });
    serve.start_guest(&request.id).await.unwrap();
    assert_eq!(serve.next_exit().await.exit_status, 0);
    assert_eq!(reading.join().unwrap(), 100_000);
}

#[tokio::test]
async fn a_hundred_thousand_lines_arrive_in_order() {
    all_lines_arrive(0).await;
}

#[tokio::test]
async fn a_hundred_thousand_lines_arrive_through_a_slow_reader() {
    all_lines_arrive(100).await;
}

#[tokio::test]
async fn one_write_larger_than_the_pipe_arrives_whole() {
    let serve = Serve::start().await;
    let fifo = serve.scratch.fifo("out");
    let body = "(drop (memory.grow (i32.const 16)))
        (memory.fill (i32.const 131072) (i32.const 120) (i32.const 1000000))
        (call $put (i32.const 1) (i32.const 131072) (i32.const 1000000))";
    let mut request = serve.request(guest("", body));
    request.stdio.mut_or_insert_default().stdout = display(&fifo);
    serve.create(&request).await.unwrap();
    let mut reader = open_reader(&fifo);
    let reading = thread::spawn(move || {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).unwrap();
        bytes
    });
    serve.start_guest(&request.id).await.unwrap();
    assert_eq!(serve.next_exit().await.exit_status, 0);
    assert_eq!(reading.join().unwrap(), vec![b'x'; 1_000_000]);
}

#[tokio::test]
async fn output_of_a_guest_whose_reader_comes_and_goes_is_not_lost() {
    let serve = Serve::start().await;
    let fifo = serve.scratch.fifo("out");
    let body = "(call $put (i32.const 1) (i32.const 0) (i32.const 5))
        (i64.store (i32.const 48) (i64.const 0))
        (call $put (i32.const 1) (i32.const 0) (i32.const 5)) (loop (br 0))";
    let mut request = serve.request(guest(r#"(data (i32.const 0) "line\n")"#, body));
    request.stdio.mut_or_insert_default().stdout = display(&fifo);
    serve.create(&request).await.unwrap();
    drop(open_reader(&fifo));
    serve.start_guest(&request.id).await.unwrap();
    let mut text = [0; 10];
    open_reader(&fifo).read_exact(&mut text).unwrap();
    assert_eq!(&text, b"line\nline\n");
}

#[tokio::test]
async fn streams_that_are_neither_fifo_nor_file_are_refused() {
    let serve = Serve::start().await;
    let mut request = serve.request(guest("", ""));
    request.stdio.mut_or_insert_default().stdout = "/dev/null".into();
    let error = serve.create(&request).await.unwrap_err();
    assert!(error.to_string().contains("/dev/null"), "{error}");
}
