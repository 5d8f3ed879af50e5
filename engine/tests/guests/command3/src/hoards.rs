//! More than anybody needs.

use crate::streams::print;
use futures::future::join_all;
use wasip3::clocks::monotonic_clock;
use wasip3::wit_stream;

/// Waits so many times at once.
pub async fn waits(count: usize) {
    join_all((0..count).map(|_| monotonic_clock::wait_for(1_000_000))).await;
    print("all over\n").await;
}

/// Keeps so many streams.
pub async fn streams(count: usize) {
    let all: Vec<_> = (0..count).map(|_| wit_stream::new::<u8>()).collect();
    print(&format!("{} streams\n", all.len())).await;
}
