//! `wasi:clocks` and `wasi:io/poll`, which waits for them.

use crate::check::Interface;
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::io::poll;

const HOUR: u64 = 3_600_000_000_000;
const MILLISECOND: u64 = 1_000_000;

pub fn checks() {
    monotonic();
    wall();
    polls();
}

fn monotonic() {
    let clock = Interface("wasi:clocks/monotonic-clock");
    let before = monotonic_clock::now();
    check!(clock, "now", monotonic_clock::now() >= before);
    check!(clock, "resolution", monotonic_clock::resolution() > 0);
    monotonic_clock::subscribe_duration(MILLISECOND).block();
    check!(
        clock,
        "subscribe-duration",
        monotonic_clock::now() - before >= MILLISECOND
    );
    check!(
        clock,
        "subscribe-duration",
        !monotonic_clock::subscribe_duration(HOUR).ready()
    );
    let then = monotonic_clock::now() + MILLISECOND;
    monotonic_clock::subscribe_instant(then).block();
    check!(clock, "subscribe-instant", monotonic_clock::now() >= then);
    let (late, past) = (
        monotonic_clock::subscribe_duration(HOUR),
        monotonic_clock::subscribe_instant(0),
    );
    check!(clock, "subscribe-instant", poll::poll(&[&late, &past]) == [1]);
}

fn wall() {
    let clock = Interface("wasi:clocks/wall-clock");
    let now = wall_clock::now();
    // 2020 was when this was still to be written.
    check!(
        clock,
        "now",
        now.seconds > 1_577_836_800 && now.nanoseconds < 1_000_000_000
    );
    let resolution = wall_clock::resolution();
    check!(
        clock,
        "resolution",
        resolution.seconds > 0 || resolution.nanoseconds > 0
    );
}

fn polls() {
    let io = Interface("wasi:io/poll");
    let soon = monotonic_clock::subscribe_duration(MILLISECOND);
    let late = monotonic_clock::subscribe_duration(HOUR);
    check!(io, "[method]pollable.ready", !late.ready());
    check!(io, "poll", poll::poll(&[&late, &soon]) == [1]);
    check!(io, "poll", poll::poll(&[&soon, &late, &soon]) == [0, 2]);
    soon.block();
    check!(io, "[method]pollable.block", soon.ready());
}
