//! The box: which system calls the process may make, its guests' threads, and the compiler. The lists are in
//! [`calls`]; why each is as it is says docs/security.md.
//!
//! A call that is not on a list answers ENOSYS, as a kernel without it does, and the kernel logs it. Nothing that
//! a guest can have the engine do ends the process that way.

pub mod calls;
pub mod filter;

use crate::ffi::identity as kernel;
use crate::ffi::seccomp::{Denial, install};
use crate::refusal::{Answer, Naming};
use filter::{Action, Program, program};
use std::io;
use std::sync::OnceLock;

/// Lets this process make the calls `serve` needs, and no others. Before there are other threads.
///
/// # Errors
/// When the kernel has no filters.
pub fn engine() -> Answer<()> {
    kernel::no_new_privileges().naming("set no_new_privs")?;
    guest_program().naming("define the filter of guests")?;
    threads_by_clone().naming("define how threads are made")?;
    only(&calls::engine()).naming("filter system calls")
}

/// Lets the compiler's process make the calls it needs. Before it gives up everything else, so the calls with which
/// it does that are among them; they give nobody anything.
///
/// # Errors
/// When the kernel has no filters.
pub fn compiler() -> Answer<()> {
    kernel::no_new_privileges().naming("set no_new_privs")?;
    threads_by_clone().naming("define how threads are made")?;
    only(&calls::compiler()).naming("filter system calls")
}

/// Takes from a guest's thread what only its preparation needed: other users, networks, capabilities, new code.
/// Threads that it starts are born with that; for them this does nothing.
///
/// # Errors
/// When the kernel refuses; the thread must not run guest code then.
pub fn guest() -> io::Result<()> {
    match install(guest_program()?, Denial::Logged) {
        // The engine's own filter is in force, so the kernel has them: this is the answer of the guest's.
        Err(e) if e.raw_os_error() == Some(DENIED) => Ok(()),
        other => other,
    }
}

/// Compiled once: the guests share it, the kernel takes a copy for each.
fn guest_program() -> io::Result<&'static Program> {
    static PROGRAM: OnceLock<Program> = OnceLock::new();
    if let Some(program) = PROGRAM.get() {
        return Ok(program);
    }
    let program = program(&calls::guest(), Action::Allow, Action::Fail(DENIED))?;
    Ok(PROGRAM.get_or_init(|| program))
}

/// What a call that is not on the list answers: libc and Wasmtime's libraries know it from older kernels, and take
/// another call where there is one.
const DENIED: i32 = libc::ENOSYS;

fn only(allowed: &[calls::Rule]) -> io::Result<()> {
    install(&program(allowed, Action::Allow, Action::Fail(DENIED))?, Denial::Logged)
}

/// libc tries `clone3` for every thread, which is not worth a line in the kernel's log each time.
fn threads_by_clone() -> io::Result<()> {
    let program = program(&calls::UNREADABLE, Action::Fail(DENIED), Action::Allow)?;
    install(&program, Denial::Quiet)
}
