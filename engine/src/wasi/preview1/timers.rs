//! The sleeps of a preview 1 guest with a deterministic clock: which ones it waits for, and that the clock shows the
//! end of those that have ended.
//!
//! As preview 1 lays them out: a subscription is userdata 0..8, tag 8, clock 16..20, timeout 24..32, flags 40..42, and
//! 48 bytes in all; an event is userdata 0..8, error 8..10, type 10, and 32 bytes in all.

use crate::wasi::clocks::deterministic::Clock;

const SUBSCRIPTION_BYTES: usize = 48;
const EVENT_BYTES: usize = 32;
const CLOCK: u8 = 0;
const REALTIME: u32 = 0;

/// The clock of a store, and its sleeps by their userdata with the time at which each ends.
pub struct Timers {
    clock: Clock,
    ends: Vec<(u64, u64)>,
}

impl Timers {
    /// The sleeps among `count` subscriptions at `at`; what lies outside of `memory` is none.
    pub fn read(clock: Clock, memory: &[u8], at: i32, count: i32) -> Self {
        let subscriptions = records::<SUBSCRIPTION_BYTES>(memory, at, count);
        let sleeps = subscriptions.filter(|s| s[8] == CLOCK);
        let ends = sleeps.map(|s| (word(&s[..8]), end(&clock, s))).collect();
        Self { clock, ends }
    }

    /// Moves the clock on to the end of the sleeps that the `count` events at `at` tell of.
    pub fn show(&self, memory: &[u8], at: i32, count: i32) {
        for event in records::<EVENT_BYTES>(memory, at, count).filter(|e| e[10] == CLOCK) {
            let known = self.ends.iter().filter(|(data, _)| *data == word(&event[..8]));
            if let Some((_, end)) = known.min_by_key(|(_, end)| *end) {
                self.clock.reach(*end);
            }
        }
    }
}

fn records<const N: usize>(memory: &[u8], at: i32, count: i32) -> impl Iterator<Item = &[u8; N]> {
    let rest = memory.get(at as u32 as usize..).unwrap_or_default();
    let whole = rest.as_chunks::<N>().0;
    whole.iter().take(count as u32 as usize)
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

fn end(clock: &Clock, subscription: &[u8; SUBSCRIPTION_BYTES]) -> u64 {
    let timeout = word(&subscription[24..32]);
    let absolute = subscription[40] & 1 != 0;
    let realtime = word(&subscription[16..20]) == u64::from(REALTIME);
    match (absolute, realtime) {
        (false, _) => clock.after(timeout),
        (true, false) => timeout,
        (true, true) => Clock::at_wall(timeout),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmtime_wasi::HostMonotonicClock;

    fn subscription(data: u64, clock: u8, timeout: u64, absolute: bool) -> Vec<u8> {
        let mut bytes = vec![0; SUBSCRIPTION_BYTES];
        bytes[..8].copy_from_slice(&data.to_le_bytes());
        bytes[16] = clock;
        bytes[24..32].copy_from_slice(&timeout.to_le_bytes());
        bytes[40] = absolute.into();
        bytes
    }

    fn shown(subscriptions: &[Vec<u8>], fired: u64) -> u64 {
        let clock = Clock::default();
        let mut memory = subscriptions.concat();
        let timers = Timers::read(clock.clone(), &memory, 0, subscriptions.len() as i32);
        // Events may lie where the subscriptions were.
        memory[..8].copy_from_slice(&fired.to_le_bytes());
        memory[8..32].fill(0);
        timers.show(&memory, 0, 1);
        clock.now()
    }

    #[test]
    fn the_clock_shows_the_end_of_the_sleep_that_has_ended() {
        let both = [subscription(1, 1, 70, false), subscription(2, 1, 90, true)];
        assert_eq!(shown(&both, 1), 70);
        assert_eq!(shown(&both, 2), 90);
        assert_eq!(shown(&both, 3), 0);
        let wall = 946_684_800_000_000_050;
        assert_eq!(shown(&[subscription(1, 0, wall, true)], 1), 50);
    }

    #[test]
    fn what_lies_outside_of_memory_is_no_sleep() {
        let memory = [0; 100];
        assert_eq!(Timers::read(Clock::default(), &memory, -1, -1).ends, []);
        assert_eq!(Timers::read(Clock::default(), &memory, 0, -1).ends.len(), 2);
        Timers::read(Clock::default(), &memory, 0, 2).show(&memory, -8, 1);
    }
}
