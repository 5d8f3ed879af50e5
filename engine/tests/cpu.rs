//! CPU quotas and weights. A machine with other work gives a guest less than it may have, so what a thread waited for
//! the scheduler counts as if it had run; what a quota holds back is neither.

mod common;

use common::{Serve, guest, patience};
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

const LOOP: &str = "(loop (br 0))";
const LOOK: Duration = Duration::from_secs(5);

/// One test at a time: they would only take the CPU from each other.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Nanoseconds that a thread ran, and that it was ready to run and did not.
fn scheduled(pid: u32) -> (u64, u64) {
    let text = fs::read_to_string(format!("/proc/{pid}/schedstat")).unwrap();
    let mut fields = text.split_whitespace().map(|f| f.parse().unwrap());
    (fields.next().unwrap(), fields.next().unwrap())
}

/// What part of `time` guests ran, in per cent, and what part they would have had without other work.
async fn shares(pids: &[u32], time: Duration) -> Vec<(f64, f64)> {
    let now = || pids.iter().map(|p| scheduled(*p)).collect::<Vec<_>>();
    let (begin, before) = (Instant::now(), now());
    tokio::time::sleep(time).await;
    let (after, took) = (now(), begin.elapsed().as_nanos() as f64);
    let percent = |n: u64| n as f64 * 100.0 / took;
    let parts = before.iter().zip(&after);
    parts
        .map(|(b, a)| (percent(a.0 - b.0), percent(a.0 - b.0 + a.1 - b.1)))
        .collect()
}

async fn update(serve: &Serve, id: &str, quota_us: i64, period_us: u64) {
    let mut request = wire::UpdateRequest::new();
    request.id = id.to_owned();
    let limits = request.limits.mut_or_insert_default();
    (limits.cpu_quota_us, limits.cpu_period_us) = (quota_us, period_us);
    serve.client.update(patience(), &request).await.unwrap();
}

async fn busy(serve: &Serve, quota_us: i64, shares: u64) -> (String, u32) {
    let mut request = serve.request(guest("", LOOP));
    let limits = request.limits.mut_or_insert_default();
    (limits.cpu_quota_us, limits.cpu_period_us, limits.cpu_shares) = (quota_us, 100_000, shares);
    let pid = serve.launch(&request).await;
    (request.id, pid)
}

#[tokio::test]
async fn a_busy_guest_gets_its_quota_and_the_others_theirs() {
    let _turn = TURN.lock().await;
    let serve = Serve::start().await;
    let (slow, slow_pid) = busy(&serve, 20_000, 0).await;
    let (free, free_pid) = busy(&serve, 0, 0).await;
    let got = shares(&[slow_pid, free_pid], LOOK).await;
    println!("quota 20 %: {:.1} %; no quota: {:.1} %", got[0].0, got[1].0);
    assert!(got[0].0 < 23.0 && got[0].1 > 17.0, "{got:?}");
    assert!(got[1].1 > 95.0, "{got:?}");
    let (held, never) = (serve.stats(&slow).await, serve.stats(&free).await);
    assert!(held.cpu_periods > 20, "{held}");
    // A machine with other work may hold it back so much that the quota hardly has to.
    let alone = got[0].1 - got[0].0 < 5.0;
    assert!(!alone || held.cpu_throttled_periods > 20, "{held}");
    assert!(!alone || held.cpu_throttled_ns > LOOK.as_nanos() as u64 / 2, "{held}");
    assert_eq!((never.cpu_periods, never.cpu_throttled_ns), (0, 0));
}

#[tokio::test]
async fn a_quota_changes_in_the_running_guest() {
    let _turn = TURN.lock().await;
    let serve = Serve::start().await;
    let (id, pid) = busy(&serve, 0, 0).await;
    update(&serve, &id, 5_000, 50_000).await;
    let got = shares(&[pid], Duration::from_secs(1)).await;
    assert!(got[0].0 < 13.0 && got[0].1 > 7.0, "{got:?}");
    // Nothing for almost a second in the old period; the new quota holds at once.
    update(&serve, &id, 1_000, 1_000_000).await;
    let stats = serve.stats(&id).await;
    update(&serve, &id, 0, 0).await;
    let got = shares(&[pid], Duration::from_millis(500)).await;
    assert!(got[0].1 > 90.0, "{got:?}");
    assert!(serve.stats(&id).await.cpu_throttled_ns >= stats.cpu_throttled_ns);
    update(&serve, &id, 5_000, 100_000).await;
    let periods = serve.stats(&id).await.cpu_throttled_periods;
    while serve.stats(&id).await.cpu_throttled_periods < periods + 3 {}
    assert_eq!(serve.end(&id, 9).await.exit_status, 137);
}

#[tokio::test]
async fn a_quota_is_shared_by_the_guests_of_a_container() {
    let _turn = TURN.lock().await;
    let serve = Serve::start().await;
    let (id, first) = busy(&serve, 20_000, 0).await;
    let mut request = serve.request(guest("", LOOP));
    request.container = id.clone();
    let second = serve.launch(&request).await;
    let got = shares(&[first, second], Duration::from_secs(2)).await;
    assert!(got[0].0 + got[1].0 < 23.0, "{got:?}");
    assert!(got[0].1 + got[1].1 > 17.0, "{got:?}");
}

#[tokio::test]
async fn a_guest_held_back_by_its_quota_can_be_paused_and_ended() {
    let _turn = TURN.lock().await;
    let serve = Serve::start().await;
    for pause in [false, true] {
        let (id, _) = busy(&serve, 1_000, 0).await;
        update(&serve, &id, 1_000, 1_000_000).await;
        while serve.stats(&id).await.cpu_throttled_periods == 0 {}
        if pause {
            serve.pause(&id).await;
            serve.assert_rests(&id).await;
        }
        assert_eq!(serve.end(&id, 9).await.exit_status, 137);
    }
}

#[tokio::test]
async fn the_engine_sleeps_while_guests_with_a_quota_do() {
    let _turn = TURN.lock().await;
    let serve = Serve::start().await;
    let body = "(i64.store (i32.const 24) (i64.const 1000000000000))
        (drop (call $poll_oneoff (i32.const 0) (i32.const 104) (i32.const 1) (i32.const 200)))";
    let mut request = serve.request(guest("", body));
    request.limits.mut_or_insert_default().cpu_quota_us = 10_000;
    for n in 0..20 {
        request.id = format!("idle{n}");
        serve.launch(&request).await;
    }
    let mut pacer = None;
    common::until("the pacer has its name", || {
        pacer = thread_named(serve.child.id(), "cpu-pacer\n");
        pacer.is_some()
    })
    .await;
    let pacer = pacer.unwrap();
    common::until("the guests sleep", || serve_waits(pacer)).await;
    let ran = || fs::read_to_string(format!("/proc/{pacer}/schedstat")).unwrap();
    let before = ran();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(ran(), before);
}

fn thread_named(engine: u32, name: &str) -> Option<u32> {
    let tasks = fs::read_dir(format!("/proc/{engine}/task")).unwrap();
    tasks
        .filter_map(|task| task.unwrap().file_name().to_str()?.parse().ok())
        .find(|tid| fs::read_to_string(format!("/proc/{tid}/comm")).is_ok_and(|comm| comm == name))
}

/// Whether a thread has not run for a while.
fn serve_waits(pid: u32) -> bool {
    let before = scheduled(pid);
    std::thread::sleep(Duration::from_millis(100));
    scheduled(pid) == before
}

#[tokio::test]
async fn weights_share_a_busy_core() {
    let _turn = TURN.lock().await;
    let serve = Serve::start().await;
    let (heavy, light) = (busy(&serve, 0, 1024).await, busy(&serve, 0, 256).await);
    let engine = serve.child.id().to_string();
    let pinned = Command::new("taskset").args(["-a", "-p", "-c", "0", &engine]).output();
    if !pinned.is_ok_and(|p| p.status.success()) {
        eprintln!("skipped: cannot pin the engine to one core");
        return;
    }
    let got = shares(&[heavy.1, light.1], LOOK / 2).await;
    let ratio = got[0].0 / got[1].0;
    println!(
        "weights 1024 and 256: {:.1} % and {:.1} %, {ratio:.2} to 1",
        got[0].0, got[1].0
    );
    assert!((3.0..5.0).contains(&ratio), "{got:?}");
    let mut request = wire::UpdateRequest::new();
    request.id = heavy.0.clone();
    request.limits.mut_or_insert_default().cpu_shares = 256;
    serve.client.update(patience(), &request).await.unwrap();
    let got = shares(&[heavy.1, light.1], LOOK / 3).await;
    assert!((0.7..1.4).contains(&(got[0].0 / got[1].0)), "{got:?}");
}
