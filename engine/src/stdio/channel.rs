//! The descriptor of a stream, and waiting for it.

use crate::ffi;
use crate::refusal::{Answer, Naming, Refusal};
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A descriptor, watched by the runtime if the kernel can watch it (pipes, terminals), else always ready (files).
pub enum Channel {
    /// By the runtime.
    Watched(AsyncFd<OwnedFd>),
    /// Always.
    Ready(OwnedFd),
}

impl Channel {
    /// Watched if that can be. Needs a tokio runtime.
    pub fn new(fd: OwnedFd, interest: Interest) -> Self {
        match ffi::fd::watch(fd, interest) {
            Ok(watched) => Channel::Watched(watched),
            Err(fd) => Channel::Ready(fd),
        }
    }

    /// The descriptor.
    pub fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Channel::Watched(fd) => fd.get_ref().as_fd(),
            Channel::Ready(fd) => fd.as_fd(),
        }
    }
}

/// What a path of a stream leads to.
pub enum StreamFile {
    /// A fifo.
    Fifo,
    /// A regular file.
    Regular,
}

/// What was opened for a stream.
///
/// # Errors
/// When it is neither a fifo nor a regular file.
pub fn kind(fd: &OwnedFd, stream: &str, path: &str) -> Answer<StreamFile> {
    let file = File::from(fd.try_clone().naming(format_args!("look at {stream} {path}"))?);
    let meta = file.metadata().naming(format_args!("look at {stream} {path}"))?;
    if meta.file_type().is_fifo() {
        Ok(StreamFile::Fifo)
    } else if meta.is_file() {
        Ok(StreamFile::Regular)
    } else {
        Err(Refusal::invalid(format!(
            "open {stream} {path}: neither a fifo nor a regular file"
        )))
    }
}

/// Opens the file behind a descriptor once more with other flags, immune to what happens to its path.
///
/// # Errors
/// `open WHAT: cause`.
pub fn reopen(fd: &OwnedFd, flags: i32, what: &str) -> Answer<OwnedFd> {
    let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
    ffi::fd::open(Path::new(&path), flags).naming(format_args!("open {what}"))
}
