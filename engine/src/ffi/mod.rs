//! The system calls that std does not wrap. The only module with `unsafe` beside the loading of compiled code,
//! so that every assumption about the kernel is found in one place.

pub mod fd;
pub mod identity;
pub mod limits;
pub mod memory;
pub mod seccomp;
pub mod thread;

use std::io;

/// Turns the answer of a system call into a result: negative is `errno`.
fn check(answer: libc::c_long) -> io::Result<libc::c_long> {
    if answer < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(answer)
    }
}
