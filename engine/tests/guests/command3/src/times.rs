//! Clocks and waits.

use crate::streams::print;
use futures::future::join_all;
use wasip3::clocks::{monotonic_clock, system_clock};
use wasip3::wit_bindgen::yield_async;

const MILLISECOND: u64 = 1_000_000;

/// Waits all of the times at once, and tells which ended in which order.
pub async fn sleep(milliseconds: &[&str]) {
    let begin = monotonic_clock::now();
    let each = milliseconds.iter().map(|text| async move {
        let time = text.parse::<u64>().expect("milliseconds") * MILLISECOND;
        monotonic_clock::wait_for(time).await;
        assert!(monotonic_clock::now() >= begin + time, "woken too early");
        print(&format!("{text}\n")).await;
    });
    join_all(each).await;
}

/// What clocks show around waits.
pub async fn clock() {
    let begin = monotonic_clock::now();
    monotonic_clock::wait_for(5 * MILLISECOND).await;
    let then = monotonic_clock::now();
    monotonic_clock::wait_until(then + 5 * MILLISECOND).await;
    monotonic_clock::wait_until(begin).await;
    let end = monotonic_clock::now();
    let date = system_clock::now().seconds;
    print(&format!("{begin} {then} {end} {date}\n")).await;
}

/// Waits for a time that does not come.
pub async fn wait() {
    print("waiting\n").await;
    monotonic_clock::wait_for(u64::MAX).await;
}

/// Is always ready to go on.
pub async fn keep_yielding() {
    print("yielding\n").await;
    loop {
        yield_async().await;
    }
}
