//! Threads: their numbers, clocks, priority, network namespace, and the signal that wakes one out of the kernel.

use super::check;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

/// The kernel's number of the calling thread.
pub fn own_id() -> u32 {
    // SAFETY: cannot fail and touches no memory.
    unsafe { libc::gettid() as u32 }
}

/// CPU time used by thread `tid` of this process, or nothing when it has gone.
pub fn cpu_time(tid: u32) -> Option<Duration> {
    // The kernel's encoding of "the scheduler's clock of thread tid" (see CPUCLOCK_PERTHREAD_MASK).
    let clock = (!(tid as libc::clockid_t) << 3) | 6;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is valid for the structure the kernel fills; an unknown clock is an error.
    let answer = unsafe { libc::clock_gettime(clock, &mut time) };
    (answer == 0).then(|| Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
}

/// Moves the calling thread into a network namespace.
pub fn enter_network(namespace: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: takes plain numbers and touches no memory.
    check(unsafe { libc::setns(namespace.as_raw_fd(), libc::CLONE_NEWNET) }.into()).map(drop)
}

/// Gives the calling thread, and those it will start, a network namespace of its own: a loopback that is down.
pub fn leave_network() -> io::Result<()> {
    // SAFETY: takes plain numbers and touches no memory. This flag concerns the calling thread alone.
    check(unsafe { libc::unshare(libc::CLONE_NEWNET) }.into()).map(drop)
}

/// Sets the nice value of one thread.
pub fn set_nice(tid: u32, nice: i32) -> io::Result<()> {
    // SAFETY: takes plain numbers and touches no memory. On Linux PRIO_PROCESS with a thread's id means that thread.
    check(unsafe { libc::setpriority(libc::PRIO_PROCESS, tid, nice) }.into()).map(drop)
}

extern "C" fn do_nothing(_: libc::c_int) {}

/// Gives SIGUSR2 a handler that does nothing and does not restart system calls: sent to a thread it ends the call
/// the thread waits in.
pub fn install_wake_signal() -> io::Result<()> {
    // SAFETY: all-zero is a valid sigaction without flags, so without SA_RESTART.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = do_nothing as *const () as usize;
    // SAFETY: the handler is async-signal-safe (it does nothing) and the pointers are valid.
    check(unsafe { libc::sigaction(libc::SIGUSR2, &action, std::ptr::null_mut()) }.into()).map(drop)
}

/// Wakes thread `tid` of this process out of the system call it waits in, if any.
pub fn wake(tid: u32) {
    // SAFETY: takes plain numbers; a thread that is gone makes it an error, which is as good as woken.
    unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), tid, libc::SIGUSR2) };
}

/// Ends the process at once, without destructors.
pub fn leave(status: i32) -> ! {
    // SAFETY: ends the process; nothing of ours relies on destructors at the end.
    unsafe { libc::_exit(status) }
}
