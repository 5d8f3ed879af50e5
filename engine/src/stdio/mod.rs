//! The guest's three streams. Guest bytes go straight between the module and the descriptor: nothing is buffered
//! here, so a write that the guest saw succeed is in the pipe, and a full pipe stops the guest, not the engine.

mod input;
mod output;

pub use input::{Input, Keeper};
pub use output::Output;

use crate::ffi;
use crate::proto::engine::Stdio;
use crate::refusal::{Answer, Naming, Refusal};
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// The opened streams of one guest.
#[derive(Clone)]
pub struct Streams {
    /// What it reads.
    pub stdin: Input,
    /// What it writes.
    pub stdout: Output,
    /// Where it complains, and where its trap is written.
    pub stderr: Output,
}

impl Streams {
    /// Opens what the request names; the keeper holds stdin's write end until CloseIO. Needs a tokio runtime.
    ///
    /// # Errors
    /// When a path is neither a fifo nor a regular file, or cannot be opened.
    pub fn open(stdio: &Stdio) -> Answer<(Self, Option<Keeper>)> {
        let (stdin, keeper) = Input::open(&stdio.stdin)?;
        let streams = Self {
            stdin,
            stdout: Output::open("stdout", &stdio.stdout)?,
            stderr: Output::open("stderr", &stdio.stderr)?,
        };
        Ok((streams, keeper))
    }

    /// The same descriptors for one of several instances, each with what it left unwritten.
    pub fn fork(&self) -> Self {
        Self {
            stdin: self.stdin.clone(),
            stdout: self.stdout.fork(),
            stderr: self.stderr.fork(),
        }
    }

    /// The process' own descriptors 0, 1 and 2, whose flags stay as they are. Needs a tokio runtime.
    ///
    /// # Errors
    /// When a descriptor cannot be duplicated.
    pub fn inherited() -> Answer<Self> {
        let own = |fd: BorrowedFd<'_>| fd.try_clone_to_owned().naming("duplicate standard stream");
        Ok(Self {
            stdin: Input::inherited(own(std::io::stdin().as_fd())?),
            stdout: Output::inherited(own(std::io::stdout().as_fd())?),
            stderr: Output::inherited(own(std::io::stderr().as_fd())?),
        })
    }
}

/// A descriptor, watched by the runtime if the kernel can watch it (pipes, terminals), else always ready (files).
enum Channel {
    Watched(AsyncFd<OwnedFd>),
    Ready(OwnedFd),
}

impl Channel {
    fn new(fd: OwnedFd, interest: Interest) -> Self {
        match ffi::fd::watch(fd, interest) {
            Ok(watched) => Channel::Watched(watched),
            Err(fd) => Channel::Ready(fd),
        }
    }

    fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Channel::Watched(fd) => fd.get_ref().as_fd(),
            Channel::Ready(fd) => fd.as_fd(),
        }
    }
}

enum Found {
    Fifo,
    Regular,
}

fn kind(fd: &OwnedFd, stream: &str, path: &str) -> Answer<Found> {
    let file = File::from(fd.try_clone().naming(format_args!("look at {stream} {path}"))?);
    let meta = file.metadata().naming(format_args!("look at {stream} {path}"))?;
    if meta.file_type().is_fifo() {
        Ok(Found::Fifo)
    } else if meta.is_file() {
        Ok(Found::Regular)
    } else {
        Err(Refusal::invalid(format!(
            "open {stream} {path}: neither a fifo nor a regular file"
        )))
    }
}

/// Opens the file behind a descriptor once more with other flags, immune to what happens to its path.
fn reopen(fd: &OwnedFd, flags: i32, what: &str) -> Answer<OwnedFd> {
    let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
    ffi::fd::open(Path::new(&path), flags).naming(format_args!("open {what}"))
}
