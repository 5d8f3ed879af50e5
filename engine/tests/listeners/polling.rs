//! `poll_oneoff` over clocks, sockets and other descriptors.

use crate::yard::errno::*;
use crate::yard::{ADDRESS, EVENTS, SIZE, SUBSCRIPTIONS, Steps, Yard};
use std::io::{Read, Write};
use std::net::Shutdown;

const CLOCK: u32 = 0;
const READ: u32 = 1;
const WRITE: u32 = 2;
const HANGUP: u32 = 1;
const SOON: &str = "1000000";
const NEVER: &str = "3600000000000";

#[tokio::test]
async fn what_comes_first_is_reported_and_all_that_is_there_by_then() {
    let Some(yard) = Yard::open().await else { return };
    let steps = Steps::default()
        // Nobody comes: the clock.
        .subscribe(0, READ, "3")
        .subscribe(1, CLOCK, SOON)
        .subscribe(2, CLOCK, NEVER)
        .poll(3, &[(1, 0, 0)])
        // Standard output is always ready, and an unreadable standard input ends at once.
        .subscribe(1, WRITE, "1")
        .subscribe(2, READ, "0")
        .poll(3, &[(1, 0, 0), (2, 0, 0)])
        .say("1", 0, 1)
        // Somebody comes.
        .subscribe(1, CLOCK, NEVER)
        .poll(2, &[(0, 0, 0)])
        .accept(3, "$a")
        // A connection takes bytes and has none; then it has three; then it has them no more, and its peer has gone.
        .subscribe(0, READ, "$a")
        .subscribe(1, WRITE, "$a")
        .subscribe(2, CLOCK, NEVER)
        .poll(3, &[(1, 0, 0)])
        .say("$a", 1, 1)
        .subscribe(1, CLOCK, NEVER)
        .poll(2, &[(0, 0, 0)])
        .finds("i32.load", EVENTS + 16, 3)
        .finds("i32.load8_u", EVENTS + 10, READ)
        .hear("$a", 3, b'a')
        .say("$a", 2, 1)
        .poll(2, &[(0, 0, HANGUP)])
        .finds("i32.load", EVENTS + 16, 0)
        // It takes bytes still.
        .subscribe(1, WRITE, "$a")
        .poll(2, &[(0, 0, HANGUP), (1, 0, 0)])
        .say("$a", 3, 1);
    let mut request = yard.request(steps.module("0123"), &[ADDRESS]);
    let (out, _) = yard.serve.with_files(&mut request);
    yard.serve.launch(&request).await;
    crate::common::until("the guest waits for somebody", || {
        std::fs::read(&out).is_ok_and(|bytes| bytes == b"0")
    })
    .await;
    let mut client = yard.connect();
    let mut heard = [0];
    let mut hear = |client: &mut std::net::TcpStream| client.read_exact(&mut heard).map(|()| heard[0]).unwrap();
    assert_eq!(hear(&mut client), b'1');
    client.write_all(b"abc").unwrap();
    assert_eq!(hear(&mut client), b'2');
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(hear(&mut client), b'3');
    let exit = yard.serve.next_exit().await;
    assert_eq!(exit.exit_status, 0, "{exit:?}");
}

#[tokio::test]
async fn misuse_has_its_error() {
    let Some(yard) = Yard::open().await else { return };
    let poll = |count: u32| format!("{SUBSCRIPTIONS} {EVENTS} {count} {SIZE}");
    let steps = Steps::default()
        .subscribe(0, READ, "3")
        .subscribe(1, WRITE, "3")
        .poll(2, &[(1, NOTCAPABLE, 0)])
        .call("poll_oneoff", &poll(0), INVAL)
        .call("poll_oneoff", &poll(4097), INVAL)
        .subscribe(1, READ, "99")
        .call("poll_oneoff", &poll(2), BADF)
        .subscribe(1, CLOCK, SOON)
        .put("i32.store", SUBSCRIPTIONS + 48 + 16, "2")
        .call("poll_oneoff", &poll(2), INVAL)
        // Without a socket all is as it was.
        .subscribe(0, CLOCK, SOON)
        .poll(1, &[(0, 0, 0)])
        .subscribe(1, WRITE, "1")
        .subscribe(0, CLOCK, NEVER)
        .poll(2, &[(1, 0, 0)]);
    yard.pass(&yard.request(steps.module(""), &[ADDRESS])).await;
}

#[tokio::test]
async fn an_absolute_time_is_that_of_the_guests_clock() {
    let Some(yard) = Yard::open().await else { return };
    // Both clocks have passed 1 ns; realtime in 2100 is far.
    let steps = Steps::default()
        .subscribe(0, READ, "3")
        .subscribe(1, CLOCK, "1")
        .subscribe(2, CLOCK, "1");
    let steps = (1..3)
        .fold(steps, |steps, n| {
            steps.put("i32.store", SUBSCRIPTIONS + 48 * n + 40, "1")
        })
        .put("i32.store", SUBSCRIPTIONS + 48 + 16, "0")
        .poll(3, &[(1, 0, 0), (2, 0, 0)])
        .put("i64.store", SUBSCRIPTIONS + 48 + 24, "4102444800000000000")
        .poll(3, &[(2, 0, 0)]);
    yard.pass(&yard.request(steps.module(""), &[ADDRESS])).await;
}

#[tokio::test]
async fn a_deterministic_clock_shows_the_end_of_a_sleep_beside_a_socket() {
    let Some(yard) = Yard::open().await else { return };
    // 20 ms, and a step of 1 µs for each look at the clock.
    let (before, after) = (SIZE + 8, SIZE + 16);
    let steps = Steps::default()
        .subscribe(0, READ, "3")
        .subscribe(1, CLOCK, "20000000")
        .call("clock_time_get", &format!("1 0 {before}"), 0)
        .poll(2, &[(1, 0, 0)])
        .call("clock_time_get", &format!("1 0 {after}"), 0)
        .text(&format!(
            "(i64.store (i32.const {SIZE}) (i64.sub (i64.load (i32.const {after})) (i64.load (i32.const {before}))))"
        ))
        .finds("i32.load", SIZE, 20_001_000)
        // The same of a sleep alone.
        .subscribe(0, CLOCK, "20000000")
        .poll(1, &[(0, 0, 0)])
        .call("clock_time_get", &format!("1 0 {before}"), 0)
        .text(&format!(
            "(i64.store (i32.const {SIZE}) (i64.sub (i64.load (i32.const {before})) (i64.load (i32.const {after}))))"
        ))
        .finds("i32.load", SIZE, 20_001_000);
    let mut request = yard.request(steps.module(""), &[ADDRESS]);
    request.policy.mut_or_insert_default().deterministic = true;
    yard.pass(&request).await;
}

#[tokio::test]
async fn a_clock_of_processor_time_is_none_to_wait_for() {
    let Some(yard) = Yard::open().await else { return };
    let steps = Steps::default()
        .subscribe(0, CLOCK, SOON)
        .put("i32.store", SUBSCRIPTIONS + 16, "2")
        .call("poll_oneoff", &format!("{SUBSCRIPTIONS} {EVENTS} 1 {SIZE}"), INVAL);
    yard.pass(&yard.request(steps.module(""), &[ADDRESS])).await;
}
