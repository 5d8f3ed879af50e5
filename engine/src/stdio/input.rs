//! Standard input.

use super::channel::{Channel, StreamFile, kind, reopen};
use crate::ffi;
use crate::refusal::{Answer, Naming};
use bytes::Bytes;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, Interest, ReadBuf};
use wasmtime_wasi::cli::{IsTerminal, StdinStream};
use wasmtime_wasi::p2::{InputStream, Pollable, StreamError, StreamResult};

/// The most bytes one read hands over; guests that want more read again.
const READ_BYTES: usize = 64 * 1024;

/// The engine's own write end of a guest's stdin: while it is open the guest does not read the end, however often
/// other writers come and go.
pub struct HeldStdin(#[expect(dead_code, reason = "held, not used")] OwnedFd);

/// Where a guest reads from; empty without a path.
#[derive(Clone)]
pub struct Input(Option<Arc<Channel>>);

impl Input {
    /// Opens a fifo or a regular file.
    pub(super) fn open(path: &str) -> Answer<(Self, Option<HeldStdin>)> {
        if path.is_empty() {
            return Ok((Self(None), None));
        }
        let fd = ffi::fd::open(Path::new(path), libc::O_RDONLY | libc::O_NONBLOCK)
            .refusing(format_args!("open stdin {path}"))?;
        let held_stdin = match kind(&fd, "stdin", path)? {
            StreamFile::Fifo => Some(HeldStdin(reopen(
                &fd,
                libc::O_WRONLY | libc::O_NONBLOCK,
                "the write end of stdin",
            )?)),
            StreamFile::Regular => None,
        };
        Ok((Self::inherited(fd), held_stdin))
    }

    pub(super) fn inherited(fd: OwnedFd) -> Self {
        Self(Some(Arc::new(Channel::new(fd, Interest::READABLE))))
    }

    /// Reads if that takes no waiting. An inherited descriptor may be a blocking one, so the kernel is asked first.
    fn read_now(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(channel) = &self.0 else { return Ok(0) };
        match &**channel {
            Channel::Watched(_) if !ffi::fd::readable_now(channel.fd()) => Err(io::ErrorKind::WouldBlock.into()),
            _ => ffi::fd::read(channel.fd(), buffer),
        }
    }

    async fn readable(&self) {
        let Some(Channel::Watched(watched)) = self.0.as_deref() else {
            return;
        };
        while let Ok(mut guard) = watched.readable().await {
            if ffi::fd::readable_now(watched.get_ref().as_fd()) {
                return;
            }
            guard.clear_ready();
        }
    }
}

impl IsTerminal for Input {
    fn is_terminal(&self) -> bool {
        use std::io::IsTerminal;
        self.0.as_ref().is_some_and(|c| c.fd().is_terminal())
    }
}

impl StdinStream for Input {
    fn async_stream(&self) -> Box<dyn AsyncRead + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn InputStream> {
        Box::new(self.clone())
    }
}

#[async_trait::async_trait]
impl Pollable for Input {
    async fn ready(&mut self) {
        self.readable().await;
    }
}

#[async_trait::async_trait]
impl InputStream for Input {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        let mut buffer = vec![0; size.min(READ_BYTES)];
        match self.read_now(&mut buffer) {
            Ok(0) if size != 0 => Err(StreamError::Closed),
            Ok(n) => {
                buffer.truncate(n);
                Ok(buffer.into())
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(Bytes::new()),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => Ok(Bytes::new()),
            Err(e) => Err(StreamError::LastOperationFailed(e.into())),
        }
    }

    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        loop {
            self.readable().await;
            let bytes = self.read(size)?;
            if !bytes.is_empty() || size == 0 {
                return Ok(bytes);
            }
        }
    }
}

impl AsyncRead for Input {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            match self.read_now(buffer.initialize_unfilled()) {
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                answer => return Poll::Ready(answer.map(|n| buffer.advance(n))),
            }
            let Some(Channel::Watched(watched)) = self.0.as_deref() else {
                return Poll::Ready(Ok(()));
            };
            let mut guard = ready!(watched.poll_read_ready(context))?;
            if !ffi::fd::readable_now(watched.get_ref().as_fd()) {
                guard.clear_ready();
            }
        }
    }
}
