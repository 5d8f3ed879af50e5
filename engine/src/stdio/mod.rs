//! The guest's three streams. Guest bytes go straight between the module and the descriptor: nothing is buffered
//! here, so a write that the guest saw succeed is in the pipe, and a full pipe stops the guest, not the engine.

mod channel;
mod input;
mod output;

pub use input::{HeldStdin, Input};
pub use output::Output;

use crate::proto::engine::Stdio;
use crate::refusal::{Answer, Naming};
use std::os::fd::{AsFd, BorrowedFd};

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
    /// Opens what the request names; what is held of stdin is its write end, until CloseIO. Needs a tokio runtime.
    ///
    /// # Errors
    /// When a path is neither a fifo nor a regular file, or cannot be opened.
    pub fn open(stdio: &Stdio) -> Answer<(Self, Option<HeldStdin>)> {
        let (stdin, held_stdin) = Input::open(&stdio.stdin)?;
        let streams = Self {
            stdin,
            stdout: Output::open("stdout", &stdio.stdout)?,
            stderr: Output::open("stderr", &stdio.stderr)?,
        };
        Ok((streams, held_stdin))
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
