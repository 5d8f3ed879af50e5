//! `wasi:clocks` where the clock is not the machine's.

pub mod component;
pub mod deterministic;
