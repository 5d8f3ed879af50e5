//! Latency and memory, measured and printed, not asserted. Run with `--ignored --nocapture`.

mod common;

use common::{Serve, guest};
use krustlet_engine::proto::engine::CreateRequest;
use std::fs;
use std::time::{Duration, Instant};

const ROUNDS: usize = 200;
const GUESTS: u64 = 1000;

/// Proportional set size in KiB.
fn pss(pid: u32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap();
    let line = rollup.lines().find(|l| l.starts_with("Pss:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

async fn one(serve: &Serve, request: &CreateRequest) -> Duration {
    let begin = Instant::now();
    serve.launch(request).await;
    serve.next_exit().await;
    serve.delete(&request.id).await.unwrap();
    begin.elapsed()
}

#[tokio::test]
#[ignore = "prints figures"]
async fn figures() {
    let serve = Serve::start().await;
    let pid = serve.child.id();
    println!("idle serve: {} KiB PSS", pss(pid));
    let hello = guest(
        r#"(data (i32.const 0) "hello\n")"#,
        "(call $put (i32.const 1) (i32.const 0) (i32.const 6))",
    );
    let mut request = serve.request(&hello);
    serve.with_files(&mut request);
    one(&serve, &request).await;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        times.push(one(&serve, &request).await);
    }
    times.sort();
    println!(
        "hello, create + start + exit + delete: p50 {:?}, p99 {:?}",
        times[ROUNDS / 2],
        times[ROUNDS * 99 / 100]
    );
    let sleeper = guest(
        "",
        "(i64.store (i32.const 24) (i64.const 1000000000000))
         (drop (call $poll_oneoff (i32.const 0) (i32.const 104) (i32.const 1) (i32.const 200)))",
    );
    let request = serve.request(&sleeper);
    let before = pss(pid);
    let begin = Instant::now();
    for n in 0..GUESTS {
        let mut one = request.clone();
        one.id = format!("s{n}");
        serve.launch(&one).await;
    }
    let took = begin.elapsed();
    tokio::time::sleep(Duration::from_millis(200)).await;
    println!(
        "{GUESTS} sleepers: {} KiB PSS each, started in {took:?}",
        (pss(pid) - before) / GUESTS
    );
}

#[tokio::test]
#[ignore = "prints figures"]
async fn cycles() {
    const CYCLES: u32 = 10_000;
    let serve = Serve::start().await;
    let pid = serve.child.id();
    let count = |what: &str| fs::read_dir(format!("/proc/{pid}/{what}")).unwrap().count();
    let request = serve.request(guest("", ""));
    let begin = Instant::now();
    for n in 1..=CYCLES {
        one(&serve, &request).await;
        if n == 500 || n == CYCLES {
            let (fds, threads) = (count("fd"), count("task"));
            println!(
                "after {n} cycles: {fds} descriptors, {threads} threads, {} KiB PSS, {:?}",
                pss(pid),
                begin.elapsed()
            );
        }
    }
}
