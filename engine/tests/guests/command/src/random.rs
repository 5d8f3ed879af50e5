//! `wasi:random`: bytes in the number that was asked for, which are not the same twice.

use crate::check::Interface;
use wasip2::random::{insecure, insecure_seed, random};

pub fn checks() {
    let good = Interface("wasi:random/random");
    let bytes = random::get_random_bytes(32);
    check!(
        good,
        "get-random-bytes",
        bytes.len() == 32 && bytes != random::get_random_bytes(32)
    );
    check!(good, "get-random-bytes", random::get_random_bytes(0).is_empty());
    check!(
        good,
        "get-random-u64",
        random::get_random_u64() != random::get_random_u64()
    );
    let cheap = Interface("wasi:random/insecure");
    let bytes = insecure::get_insecure_random_bytes(32);
    check!(
        cheap,
        "get-insecure-random-bytes",
        bytes.len() == 32 && bytes != insecure::get_insecure_random_bytes(32)
    );
    let (one, other) = (insecure::get_insecure_random_u64(), insecure::get_insecure_random_u64());
    check!(cheap, "get-insecure-random-u64", one != other);
    let seed = Interface("wasi:random/insecure-seed");
    check!(seed, "insecure-seed", insecure_seed::insecure_seed() != (0, 0));
}
