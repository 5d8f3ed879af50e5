//! Random numbers and a clock that are the same in every run, for guests that are to do the same in every run.
//!
//! The clock begins at zero and shows one time each for the monotonic and, from a fixed date on, for the wall clock.
//! Each look at it takes a step; a sleep takes its time for real and moves the clock on by exactly as much.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtxBuilder};

/// What each look at the clock moves it on by, in nanoseconds.
const STEP: u64 = 1000;
/// The wall clock's beginning: 2000-01-01 00:00 UTC.
const EPOCH: Duration = Duration::from_secs(946_684_800);
const SEED: u64 = 0x6b72_7573_746c_6574;

/// The clock of one store.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<AtomicU64>);

impl Clock {
    /// Gives a store this clock, and random numbers.
    pub fn give(wasi: &mut WasiCtxBuilder) -> Self {
        let clock = Self::default();
        wasi.secure_random(Numbers(SEED))
            .insecure_random(Numbers(!SEED))
            .insecure_random_seed(u128::from(SEED))
            .wall_clock(clock.clone())
            .monotonic_clock(clock.clone());
        clock
    }

    /// The time of a sleep that begins now and takes so many nanoseconds.
    pub fn after(&self, nanos: u64) -> u64 {
        self.0.load(Relaxed).saturating_add(nanos)
    }

    /// A sleep until `time` has ended.
    pub fn reach(&self, time: u64) {
        self.0.fetch_max(time, Relaxed);
    }

    /// The monotonic time at which the wall clock shows so many nanoseconds.
    pub fn at_wall(nanos: u64) -> u64 {
        nanos.saturating_sub(EPOCH.as_nanos() as u64)
    }
}

impl HostMonotonicClock for Clock {
    fn resolution(&self) -> u64 {
        STEP
    }

    fn now(&self) -> u64 {
        self.0.fetch_add(STEP, Relaxed)
    }
}

impl HostWallClock for Clock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(STEP)
    }

    fn now(&self) -> Duration {
        EPOCH + Duration::from_nanos(HostMonotonicClock::now(self))
    }
}

/// The generator SplitMix64. Nobody who may want secrets is given it.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl rand_core::TryRng for Numbers {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_moves_with_looks_and_sleeps_alone() {
        let clock = Clock::default();
        let end = clock.after(5_000_000);
        assert_eq!(HostMonotonicClock::now(&clock), 0);
        assert_eq!(HostMonotonicClock::now(&clock), STEP);
        clock.reach(end);
        clock.reach(7);
        assert_eq!(HostWallClock::now(&clock), EPOCH + Duration::from_millis(5));
        assert_eq!(Clock::at_wall((EPOCH + Duration::from_nanos(9)).as_nanos() as u64), 9);
        assert_eq!(Clock::at_wall(0), 0);
    }

    #[test]
    fn numbers_are_those_of_the_published_generator() {
        let mut numbers = Numbers(1_234_567);
        assert_eq!(numbers.next(), 6_457_827_717_110_365_317);
        assert_eq!(numbers.next(), 3_203_168_211_198_807_973);
    }
}
