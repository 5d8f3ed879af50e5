//! Filters of system calls. What is installed can only be made narrower, by whoever it is.

use super::check;
use seccompiler::sock_filter;
use std::io;

/// What the kernel does beside answering when a filter denies a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// Writes a line to its log (`type=1326`, with the number of the call).
    Logged,
    /// Nothing.
    Quiet,
}

/// Installs a filter for the calling thread and those it will start. Needs `no_new_privs`.
pub fn install(program: &[sock_filter], denial: Denial) -> io::Result<()> {
    let length = u16::try_from(program.len()).map_err(|_| io::Error::from_raw_os_error(libc::E2BIG))?;
    let flags = match denial {
        Denial::Logged => libc::SECCOMP_FILTER_FLAG_LOG,
        Denial::Quiet => 0,
    };
    let program = libc::sock_fprog {
        len: length,
        filter: program.as_ptr().cast_mut().cast(),
    };
    // SAFETY: both types of instruction are the kernel's; it copies `len` of them and writes nothing.
    check(unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &program) }).map(drop)
}
