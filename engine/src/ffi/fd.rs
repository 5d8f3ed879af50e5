//! Opening, reading, writing and watching descriptors without std's retries: a guest's call must end when its
//! thread is signalled, and std would start it again.

use super::check;
use rustix::fs::{Dir, FileType, fstat};
use std::ffi::{CString, OsStr, OsString};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Opens `path` with raw flags; close-on-exec is always set. New files get mode 0600.
pub fn open(path: &Path, flags: libc::c_int) -> io::Result<OwnedFd> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    let mode: libc::mode_t = 0o600;
    // SAFETY: `path` is a C string that outlives the call; the mode is read for O_CREAT only.
    let fd = unsafe { libc::open(path.as_ptr(), flags | libc::O_CLOEXEC, mode as libc::c_uint) };
    check(fd.into())?;
    // SAFETY: `fd` is fresh and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Opens the directory `path` as if `root` were `/`: symlinks and `..` stay inside, magic links are refused.
pub fn open_directory_beneath(root: BorrowedFd<'_>, path: &str) -> io::Result<OwnedFd> {
    open_resolving(root, path, libc::O_PATH | libc::O_DIRECTORY, libc::RESOLVE_IN_ROOT)
}

/// Opens the existing file `path` for reading as if `root` were `/`, like [`open_directory_beneath`]. It does not wait
/// for the writer of a fifo, and a terminal does not become this process' own.
pub fn open_file_beneath(root: BorrowedFd<'_>, path: &str) -> io::Result<OwnedFd> {
    let flags = libc::O_RDONLY | libc::O_NONBLOCK | libc::O_NOCTTY;
    open_resolving(root, path, flags, libc::RESOLVE_IN_ROOT)
}

/// Opens the existing `path` inside `directory`: what a symlink or `..` would lead out of it to is refused.
pub fn open_within(directory: BorrowedFd<'_>, path: &str, flags: libc::c_int) -> io::Result<OwnedFd> {
    open_resolving(directory, path, flags, libc::RESOLVE_BENEATH)
}

fn open_resolving(base: BorrowedFd<'_>, path: &str, flags: libc::c_int, resolve: u64) -> io::Result<OwnedFd> {
    let path = CString::new(path)?;
    // SAFETY: all-zero is a valid `open_how`.
    let mut how: libc::open_how = unsafe { std::mem::zeroed() };
    how.flags = (flags | libc::O_CLOEXEC) as u64;
    how.resolve = resolve | libc::RESOLVE_NO_MAGICLINKS;
    // SAFETY: the pointers outlive the call and the size is that of the structure passed.
    let fd = check(unsafe {
        libc::syscall(
            libc::SYS_openat2,
            base.as_raw_fd(),
            path.as_ptr(),
            &how,
            size_of::<libc::open_how>(),
        )
    })?;
    // SAFETY: `fd` is fresh and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Whether it is an ordinary file, and not a directory, fifo, socket or device.
pub fn is_regular(fd: BorrowedFd<'_>) -> io::Result<bool> {
    let kind = FileType::from_raw_mode(fstat(fd)?.st_mode);
    Ok(kind.is_file())
}

/// The names in a directory, in no order, with `.` and `..`. The descriptor may be one of a path only.
pub fn names(directory: BorrowedFd<'_>) -> io::Result<impl Iterator<Item = io::Result<OsString>>> {
    let readable = open_within(directory, ".", libc::O_RDONLY | libc::O_DIRECTORY)?;
    let entries = Dir::new(readable)?;
    Ok(entries.map(|entry| Ok(OsStr::from_bytes(entry?.file_name().to_bytes()).to_owned())))
}

/// One `write(2)`.
pub fn write(fd: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: the slice is valid for its length and only read.
    let n = unsafe { libc::write(fd.as_raw_fd(), bytes.as_ptr().cast(), bytes.len()) };
    check(n as libc::c_long).map(|n| n as usize)
}

/// One `read(2)` into the whole of `buffer`; 0 is the end.
pub fn read(fd: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the slice is valid and writable for its length.
    let n = unsafe { libc::read(fd.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len()) };
    check(n as libc::c_long).map(|n| n as usize)
}

/// Whether a read would return at once, be it with bytes, the end or an error.
pub fn readable_now(fd: BorrowedFd<'_>) -> bool {
    poll(fd, libc::POLLIN, 0).is_ok_and(|n| n > 0)
}

/// Whether a write would return at once. A pipe counts as writable when a whole page fits.
pub fn writable_now(fd: BorrowedFd<'_>) -> bool {
    poll(fd, libc::POLLOUT, 0).is_ok_and(|n| n > 0)
}

/// Waits until a write would return at once.
pub fn wait_writable(fd: BorrowedFd<'_>) -> io::Result<()> {
    poll(fd, libc::POLLOUT, -1).map(drop)
}

fn poll(fd: BorrowedFd<'_>, events: libc::c_short, millis: i32) -> io::Result<libc::c_long> {
    let mut watch = libc::pollfd {
        fd: fd.as_raw_fd(),
        events,
        revents: 0,
    };
    // SAFETY: one entry is passed and it outlives the call.
    check(unsafe { libc::poll(&mut watch, 1, millis) }.into())
}

/// What the kernel says of a descriptor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// What was asked for would return at once.
    pub ready: bool,
    /// The peer of a socket has gone: of one to be read, it sends no more; of one to be written to, it takes no more.
    pub hung_up: bool,
}

/// What the kernel says now of descriptors, each of which is to be written to (true) or to be read.
pub fn conditions(watched: &[(BorrowedFd<'_>, bool)]) -> io::Result<Vec<Conditions>> {
    let entry = |(fd, write): &(BorrowedFd<'_>, bool)| libc::pollfd {
        fd: fd.as_raw_fd(),
        events: if *write {
            libc::POLLOUT
        } else {
            libc::POLLIN | libc::POLLRDHUP
        },
        revents: 0,
    };
    let mut entries: Vec<libc::pollfd> = watched.iter().map(entry).collect();
    let count = entries.len() as libc::nfds_t;
    // SAFETY: the entries are as many as is said and outlive the call.
    check(unsafe { libc::poll(entries.as_mut_ptr(), count, 0) }.into())?;
    let found = |entry: &libc::pollfd| Conditions {
        ready: entry.revents != 0,
        hung_up: entry.revents & (libc::POLLRDHUP | libc::POLLHUP | libc::POLLERR) != 0,
    };
    Ok(entries.iter().map(found).collect())
}

/// How many bytes can be read at once.
pub fn bytes_to_read(fd: BorrowedFd<'_>) -> io::Result<u64> {
    let mut bytes: libc::c_int = 0;
    // SAFETY: the number outlives the call.
    check(unsafe { libc::ioctl(fd.as_raw_fd(), libc::FIONREAD, &mut bytes) }.into())?;
    Ok(u64::try_from(bytes).unwrap_or(0))
}

/// Has the runtime watch a socket. Needs a tokio runtime.
pub fn watch_socket<S: AsRawFd + Into<OwnedFd>>(socket: S, interest: Interest) -> io::Result<AsyncFd<S>> {
    // SAFETY: what can become an OwnedFd is one in other clothes: open, and the same descriptor for as long as it lives,
    // which is inside the AsyncFd.
    unsafe { AsyncFd::register_with_interest(socket, interest) }.map_err(|e| e.into_parts().1)
}

/// Has the runtime watch a descriptor; hands it back if the kernel cannot watch its kind. Needs a tokio runtime.
pub fn watch(fd: OwnedFd, interest: Interest) -> Result<AsyncFd<OwnedFd>, OwnedFd> {
    // SAFETY: an OwnedFd is open and stays the same descriptor for as long as it lives, which is inside the AsyncFd.
    unsafe { AsyncFd::register_with_interest(fd, interest) }.map_err(|e| e.into_parts().0)
}

/// The effective user id of this process.
pub fn own_uid() -> u32 {
    // SAFETY: cannot fail and touches no memory.
    unsafe { libc::geteuid() }
}
