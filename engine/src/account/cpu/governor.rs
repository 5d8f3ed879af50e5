//! The arithmetic of a CPU quota: so much CPU time in each period, and what is taken beyond it is owed to the next.

use std::time::{Duration, Instant};

/// The period of a quota that comes without one, as the kernel has it.
const DEFAULT_PERIOD: Duration = Duration::from_millis(100);
/// What the kernel takes as a period.
const PERIODS: (Duration, Duration) = (Duration::from_millis(1), Duration::from_secs(1));

/// Whether a container may use the CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may for this much more CPU time.
    Left(Duration),
    /// It must wait until then.
    Until(Instant),
}

/// What became of a container under its quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Throttling {
    /// Periods in which it used the CPU.
    pub periods: u64,
    /// Of these, in how many it was held back.
    pub throttled_periods: u64,
    /// For how long altogether.
    pub throttled: Duration,
}

/// A quota and the period that runs. It is told the time and the CPU time used since ever, so it has no clock.
#[derive(Debug)]
pub struct Governor {
    quota: Duration,
    period: Duration,
    begin: Instant,
    /// CPU time that earlier periods have paid for.
    paid: Duration,
    throttled_since: Option<Instant>,
    sum: Throttling,
}

impl Governor {
    /// A governor that allows `quota` in each `period`; a period of zero is the kernel's default.
    pub fn new(quota: Duration, period: Duration, now: Instant, used: Duration) -> Self {
        let period = if period.is_zero() { DEFAULT_PERIOD } else { period };
        Self {
            quota,
            period: period.clamp(PERIODS.0, PERIODS.1),
            begin: now,
            paid: used,
            throttled_since: None,
            sum: Throttling::default(),
        }
    }

    /// Goes on from what another one has counted.
    pub fn following(mut self, sum: Throttling) -> Self {
        self.sum = sum;
        self
    }

    /// What has been counted by `now`.
    pub fn throttling(&self, now: Instant) -> Throttling {
        let since = self.throttled_since.map_or(Duration::ZERO, |since| now - since);
        Throttling {
            throttled: self.sum.throttled + since,
            ..self.sum
        }
    }

    /// Whether a container that has used `used` of CPU time since ever may go on.
    pub fn verdict(&mut self, now: Instant, used: Duration) -> Verdict {
        self.turn(now, used);
        match self.quota.checked_sub(used.saturating_sub(self.paid)) {
            Some(left) if !left.is_zero() => Verdict::Left(left),
            _ => {
                if self.throttled_since.is_none() {
                    self.throttled_since = Some(now);
                    self.sum.throttled_periods += 1;
                }
                Verdict::Until(self.begin + self.period)
            }
        }
    }

    /// Begins the period that `now` is in. Each one since the last pays a quota's worth; nothing is saved up.
    fn turn(&mut self, now: Instant, used: Duration) {
        let gone = now.saturating_duration_since(self.begin).as_nanos() / self.period.as_nanos();
        let gone = u32::try_from(gone).unwrap_or(u32::MAX);
        if gone == 0 {
            return;
        }
        let spent = used.saturating_sub(self.paid);
        self.paid += spent.min(self.quota.saturating_mul(gone));
        self.begin += self.period.saturating_mul(gone);
        self.sum.periods += u64::from(!spent.is_zero());
        if let Some(since) = self.throttled_since.take() {
            self.sum.throttled += now - since;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn of(quota: u64, period: u64) -> (Governor, Instant) {
        let now = Instant::now();
        (Governor::new(ms(quota), ms(period), now, ms(500)), now)
    }

    #[test]
    fn a_quota_is_left_then_used_up_then_new() {
        let (mut governor, begin) = of(20, 100);
        assert_eq!(governor.verdict(begin, ms(500)), Verdict::Left(ms(20)));
        assert_eq!(governor.verdict(begin + ms(15), ms(515)), Verdict::Left(ms(5)));
        assert_eq!(
            governor.verdict(begin + ms(20), ms(520)),
            Verdict::Until(begin + ms(100))
        );
        assert_eq!(governor.verdict(begin + ms(100), ms(520)), Verdict::Left(ms(20)));
        let expected = Throttling {
            periods: 1,
            throttled_periods: 1,
            throttled: ms(80),
        };
        assert_eq!(governor.throttling(begin + ms(100)), expected);
    }

    #[test]
    fn what_was_taken_too_much_is_owed_and_what_was_left_is_lost() {
        let (mut governor, begin) = of(20, 100);
        assert_eq!(
            governor.verdict(begin + ms(50), ms(550)),
            Verdict::Until(begin + ms(100))
        );
        assert_eq!(
            governor.verdict(begin + ms(101), ms(550)),
            Verdict::Until(begin + ms(200))
        );
        assert_eq!(governor.verdict(begin + ms(200), ms(550)), Verdict::Left(ms(10)));
        assert_eq!(governor.verdict(begin + ms(900), ms(550)), Verdict::Left(ms(20)));
        assert_eq!(governor.throttling(begin + ms(900)).throttled_periods, 2);
    }

    #[test]
    fn periods_are_within_what_the_kernel_takes() {
        let (governor, _) = of(20, 0);
        assert_eq!(governor.period, ms(100));
        assert_eq!(of(20, 5000).0.period, ms(1000));
    }
}
