//! Standard output and standard error.

use super::{Channel, Found, kind};
use crate::ffi;
use crate::refusal::{Answer, Naming};
use bytes::{Buf, Bytes};
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncWrite, Interest};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// The most a stream takes in one non-blocking write.
const PERMIT: usize = 64 * 1024;

/// Where a guest writes to; nowhere without a path.
#[derive(Clone)]
pub struct Output(Option<Arc<Channel>>);

impl Output {
    /// Opens a fifo, for reading too, so that a vanished reader is a full pipe and never a broken one; or a regular
    /// file, which is appended to and made if it is not there.
    pub(super) fn open(stream: &str, path: &str) -> Answer<Self> {
        if path.is_empty() {
            return Ok(Self(None));
        }
        let open = |flags: i32| {
            ffi::fd::open(Path::new(path), flags | libc::O_NONBLOCK).refusing(format_args!("open {stream} {path}"))
        };
        let existing = Path::new(path).exists();
        let fd = if existing {
            open(libc::O_RDWR | libc::O_APPEND)?
        } else {
            open(libc::O_WRONLY | libc::O_APPEND | libc::O_CREAT)?
        };
        Ok(Self(Some(Arc::new(match kind(&fd, stream, path)? {
            Found::Fifo => Channel::new(fd, Interest::WRITABLE),
            Found::Regular => Channel::Ready(fd),
        }))))
    }

    /// An inherited descriptor is written to as it is, blocking: its flags are shared with other processes.
    pub(super) fn inherited(fd: OwnedFd) -> Self {
        Self(Some(Arc::new(Channel::Ready(fd))))
    }

    /// Writes everything, waiting while the pipe is full.
    ///
    /// # Errors
    /// When the descriptor cannot be written to.
    pub async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let n = match self.write_now(bytes) {
                Err(e) if e.kind() == ErrorKind::WouldBlock => {
                    self.writable().await?;
                    0
                }
                answer => answer?,
            };
            bytes = &bytes[n..];
        }
        Ok(())
    }

    fn write_now(&self, bytes: &[u8]) -> io::Result<usize> {
        let Some(channel) = &self.0 else {
            return Ok(bytes.len());
        };
        // Interrupted is the guest's to see: its thread is only signalled when it has to end.
        ffi::fd::write(channel.fd(), bytes)
    }

    /// Waits until the kernel reports room anew; only called after a write found none.
    async fn writable(&self) -> io::Result<()> {
        std::future::poll_fn(|context| self.poll_writable(context)).await
    }

    fn poll_writable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let watched = match self.0.as_deref() {
            Some(Channel::Watched(watched)) => watched,
            // Of another process, and set to non-blocking by it: wait in the kernel instead of spinning.
            Some(Channel::Ready(fd)) => return Poll::Ready(ffi::fd::wait_writable(fd.as_fd())),
            None => return Poll::Ready(Ok(())),
        };
        loop {
            let mut guard = ready!(watched.poll_write_ready(context))?;
            if ffi::fd::writable_now(watched.get_ref().as_fd()) {
                return Poll::Ready(Ok(()));
            }
            guard.clear_ready();
        }
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        use std::io::IsTerminal;
        self.0.as_ref().is_some_and(|c| c.fd().is_terminal())
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Pending {
            output: self.clone(),
            rest: Bytes::new(),
        })
    }
}

/// An output with what the pipe did not take of the last non-blocking write.
struct Pending {
    output: Output,
    rest: Bytes,
}

impl Pending {
    fn push(&mut self) -> StreamResult<()> {
        while !self.rest.is_empty() {
            match self.output.write_now(&self.rest) {
                Ok(n) => self.rest.advance(n),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(e) => return Err(failed(e)),
            }
        }
        Ok(())
    }
}

fn failed(error: io::Error) -> StreamError {
    StreamError::LastOperationFailed(error.into())
}

#[async_trait::async_trait]
impl Pollable for Pending {
    async fn ready(&mut self) {
        // An error ends the waiting; the next call reports it.
        if self.output.writable().await.is_ok() && !self.rest.is_empty() {
            let rest = std::mem::take(&mut self.rest);
            let _ = self.output.write_all(&rest).await;
        }
    }
}

#[async_trait::async_trait]
impl OutputStream for Pending {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.rest = bytes;
        self.push()
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.push()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.push()?;
        Ok(if self.rest.is_empty() { PERMIT } else { 0 })
    }

    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        let rest = std::mem::take(&mut self.rest);
        self.output.write_all(&rest).await.map_err(failed)?;
        self.output.write_all(&bytes).await.map_err(failed)
    }
}

impl AsyncWrite for Output {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            match self.write_now(bytes) {
                Err(e) if e.kind() == ErrorKind::WouldBlock => {
                    ready!(self.poll_writable(context))?;
                }
                answer => return Poll::Ready(answer),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
