//! What a guest may do beyond its container's limits, as the node's policy has it.

use crate::proto::engine as wire;
use std::future::pending;
use std::time::Duration;
use tokio::time::sleep;

/// The shortest time between two looks at what a guest has used of the CPU.
const SHORTEST: Duration = Duration::from_millis(10);
const SIGALRM: u8 = libc::SIGALRM as u8;
const SIGXCPU: u8 = libc::SIGXCPU as u8;

/// The part of a container's policy that each of its guests is held to.
#[derive(Clone, Copy, Debug, Default)]
pub struct GuestPolicy {
    /// Core instances of its program; none is the engine's default.
    pub max_instances: Option<usize>,
    /// Whether its random numbers and clocks are the same in every run.
    pub deterministic: bool,
    /// How long it may take.
    pub time: TimeBounds,
}

impl GuestPolicy {
    /// What the request says; a zero is no word.
    pub fn of(wished: &wire::Policy) -> Self {
        let time = |ms: u64| (ms > 0).then(|| Duration::from_millis(ms));
        Self {
            max_instances: (wished.max_instances > 0).then_some(wished.max_instances as usize),
            deterministic: wished.deterministic,
            time: TimeBounds {
                cpu: time(wished.cpu_time_ms),
                wall: time(wished.wall_time_ms),
            },
        }
    }
}

/// How long a guest may compute, and how long it may be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeBounds {
    /// CPU time.
    pub cpu: Option<Duration>,
    /// Time since its start.
    pub wall: Option<Duration>,
}

/// The end of a guest that has used up its time: as the signal that the kernel has for it, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// SIGXCPU or SIGALRM.
    pub signal: u8,
    /// One sentence.
    pub cause: String,
}

impl Expiry {
    /// What the guest's stderr hears of it.
    pub fn last_word(&self) -> String {
        format!("krustlet: ended: {}\n", self.cause)
    }
}

impl TimeBounds {
    /// Whether there is any.
    pub fn any(&self) -> bool {
        *self != Self::default()
    }

    /// Waits until one of them is met by a guest that starts now and has used the CPU for as long as `used` says.
    pub async fn met(self, used: impl Fn() -> Duration) -> Expiry {
        tokio::select! {
            expiry = self.wall_met() => expiry,
            expiry = self.cpu_met(used) => expiry,
        }
    }

    async fn wall_met(self) -> Expiry {
        let Some(bound) = self.wall else { return pending().await };
        sleep(bound).await;
        Expiry {
            signal: SIGALRM,
            cause: format!("its wall time of {} ms is over", bound.as_millis()),
        }
    }

    async fn cpu_met(self, used: impl Fn() -> Duration) -> Expiry {
        let Some(bound) = self.cpu else { return pending().await };
        let before = used();
        loop {
            let left = bound.saturating_sub(used().saturating_sub(before));
            if left.is_zero() {
                return Expiry {
                    signal: SIGXCPU,
                    cause: cpu_cause(bound),
                };
            }
            sleep(left.max(SHORTEST)).await;
        }
    }
}

/// Why a guest or a request was ended that has used up its CPU time.
pub fn cpu_cause(bound: Duration) -> String {
    format!("its CPU time of {} ms is used up", bound.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(cpu: u64, wall: u64) -> TimeBounds {
        let mut wished = wire::Policy::new();
        (wished.cpu_time_ms, wished.wall_time_ms) = (cpu, wall);
        GuestPolicy::of(&wished).time
    }

    #[test]
    fn zeros_bound_nothing() {
        assert!(!bounds(0, 0).any());
        assert!(bounds(1, 0).any() && bounds(0, 1).any());
        assert_eq!(GuestPolicy::of(&wire::Policy::new()).max_instances, None);
    }

    #[tokio::test]
    async fn what_was_used_before_the_start_does_not_count() {
        use std::cell::Cell;
        let looks = Cell::new(0);
        let used = || Duration::from_millis([500, 501, 509, 510][looks.replace(looks.get() + 1)]);
        let expiry = bounds(10, 0).met(used).await;
        assert_eq!((expiry.signal, looks.get()), (24, 4));
        assert_eq!(expiry.cause, "its CPU time of 10 ms is used up");
    }

    #[tokio::test]
    async fn the_wall_time_ends_a_guest_that_does_nothing() {
        let expiry = bounds(1000, 1).met(|| Duration::ZERO).await;
        assert_eq!(
            (expiry.signal, expiry.cause.as_str()),
            (14, "its wall time of 1 ms is over")
        );
    }
}
