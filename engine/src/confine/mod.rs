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
    guest_programs().naming("define the filters of guests")?;
    quietly(calls::THREADS_BY_CLONE, libc::ENOSYS).naming("define how threads are made")?;
    only(&calls::engine()).naming("filter system calls")
}

/// Lets the compiler's process make the calls it needs. Before it gives up everything else, so the calls with which
/// it does that are among them; they give nobody anything.
///
/// # Errors
/// When the kernel has no filters.
pub fn compiler() -> Answer<()> {
    kernel::no_new_privileges().naming("set no_new_privs")?;
    quietly(calls::THREADS_BY_CLONE, libc::ENOSYS).naming("define how threads are made")?;
    only(&calls::compiler()).naming("filter system calls")
}

/// Takes from a guest's thread what only its preparation needed: other users, networks, capabilities, new code.
/// Threads that it starts are born with that; for them this does nothing.
///
/// # Errors
/// When the kernel refuses; the thread must not run guest code then.
pub fn guest() -> io::Result<()> {
    let (narrow, closed) = guest_programs()?;
    match install(narrow, Denial::Logged) {
        Err(e) if e.raw_os_error() == Some(BORN_CONFINED) => return Ok(()),
        other => other?,
    }
    install(closed, Denial::Quiet)
}

/// What a thread that is confined already hears when it asks for it.
const BORN_CONFINED: i32 = libc::EEXIST;

/// The filter of guests, and the one that ends the installing of filters.
fn guest_programs() -> io::Result<&'static (Program, Program)> {
    static PROGRAMS: OnceLock<(Program, Program)> = OnceLock::new();
    if let Some(programs) = PROGRAMS.get() {
        return Ok(programs);
    }
    let narrow = program(&calls::guest(), Action::Allow, Action::Fail(libc::ENOSYS))?;
    let closed = program(&calls::INSTALLING, Action::Fail(BORN_CONFINED), Action::Allow)?;
    Ok(PROGRAMS.get_or_init(|| (narrow, closed)))
}

fn only(allowed: &[calls::Rule]) -> io::Result<()> {
    install(
        &program(allowed, Action::Allow, Action::Fail(libc::ENOSYS))?,
        Denial::Logged,
    )
}

/// Calls that libraries try in vain each time are not worth a line in the kernel's log.
fn quietly(denied: &[calls::Rule], errno: i32) -> io::Result<()> {
    install(&program(denied, Action::Fail(errno), Action::Allow)?, Denial::Quiet)
}
