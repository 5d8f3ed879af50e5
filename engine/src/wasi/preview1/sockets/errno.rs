//! The kernel's errors as preview 1 names them.

use std::io;
use wasmtime_wasi::p1::types::Errno;

/// The name of an error of a socket.
pub fn of(error: &io::Error) -> Errno {
    match error.raw_os_error() {
        Some(libc::EAGAIN) => Errno::Again,
        Some(libc::ECONNABORTED) => Errno::Connaborted,
        Some(libc::ECONNREFUSED) => Errno::Connrefused,
        Some(libc::ECONNRESET) => Errno::Connreset,
        Some(libc::EHOSTUNREACH) => Errno::Hostunreach,
        Some(libc::EINTR) => Errno::Intr,
        Some(libc::EINVAL) => Errno::Inval,
        Some(libc::EMFILE) => Errno::Mfile,
        Some(libc::ENETDOWN) => Errno::Netdown,
        Some(libc::ENETRESET) => Errno::Netreset,
        Some(libc::ENETUNREACH) => Errno::Netunreach,
        Some(libc::ENFILE) => Errno::Nfile,
        Some(libc::ENOBUFS) => Errno::Nobufs,
        Some(libc::ENOMEM) => Errno::Nomem,
        Some(libc::ENOTCONN) => Errno::Notconn,
        Some(libc::EPERM) => Errno::Perm,
        Some(libc::EPIPE) => Errno::Pipe,
        Some(libc::EPROTO) => Errno::Proto,
        Some(libc::ETIMEDOUT) => Errno::Timedout,
        _ => Errno::Io,
    }
}
