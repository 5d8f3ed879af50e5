//! Nice values: who goes before whom.

use crate::ffi;

/// The nice value of the engine's own threads, and of a guest's before it runs its code and when it has to end:
/// however many guests there are that only compute, the next one is made and killed without queueing behind them.
pub const HURRY: i32 = -10;

/// The nice value of a cgroup weight: each step of nice is a quarter of CPU share.
pub fn nice_of(shares: u64) -> i32 {
    const DEFAULT_SHARES: f64 = 1024.0;
    const STEP: f64 = 1.25;
    if shares == 0 {
        return 0;
    }
    let steps = -(shares as f64 / DEFAULT_SHARES).ln() / STEP.ln();
    (steps.round() as i32).clamp(-10, 19)
}

/// A weight that cannot be had is told and gone without: the container runs with the engine's own.
pub fn set_nice(tid: u32, nice: i32) {
    if let Err(e) = ffi::thread::set_nice(tid, nice) {
        eprintln!("set nice value {nice} of thread {tid}: {e}");
    }
}

#[cfg(test)]
mod tests {
    use super::nice_of;

    #[test]
    fn weights_become_nice_values() {
        assert_eq!(nice_of(0), 0);
        assert_eq!(nice_of(1024), 0);
        assert_eq!(nice_of(512), 3);
        assert_eq!(nice_of(2), 19);
        assert_eq!(nice_of(262_144), -10);
    }
}
