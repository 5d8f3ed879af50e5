//! Standard output and standard error.

use super::channel::{Channel, StreamFile, kind};
use crate::ffi;
use crate::lock::lock;
use crate::refusal::{Answer, Naming};
use bytes::{Buf, Bytes};
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncWrite, Interest};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// The most a stream takes in one non-blocking write.
const PERMIT: usize = 64 * 1024;

/// A descriptor, and what it did not take of the guest's last non-blocking write.
struct Sink {
    channel: Arc<Channel>,
    rest: Mutex<Bytes>,
}

/// Where a guest writes to; nowhere without a path.
#[derive(Clone)]
pub struct Output(Option<Arc<Sink>>);

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
        Ok(Self::of(match kind(&fd, stream, path)? {
            StreamFile::Fifo => Channel::new(fd, Interest::WRITABLE),
            StreamFile::Regular => Channel::Ready(fd),
        }))
    }

    fn of(channel: Channel) -> Self {
        Self::sink(Arc::new(channel))
    }

    fn sink(channel: Arc<Channel>) -> Self {
        let rest = Mutex::default();
        Self(Some(Arc::new(Sink { channel, rest })))
    }

    /// The same descriptor for another writer, who does not wait for what this one has left.
    pub fn fork(&self) -> Self {
        match &self.0 {
            Some(sink) => Self::sink(sink.channel.clone()),
            None => Self(None),
        }
    }

    /// An inherited descriptor is written to as it is, blocking: its flags are shared with other processes.
    pub(super) fn inherited(fd: OwnedFd) -> Self {
        Self::of(Channel::Ready(fd))
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
        let Some(sink) = &self.0 else {
            return Ok(bytes.len());
        };
        // Interrupted is the guest's to see: its thread is only signalled when it has to end.
        ffi::fd::write(sink.channel.fd(), bytes)
    }

    /// Writes what is left of non-blocking writes, waiting while the pipe is full. Given up half-way, nothing is lost.
    ///
    /// # Errors
    /// When the descriptor cannot be written to.
    pub async fn finish(&self) -> io::Result<()> {
        while !self.push_rest()? {
            self.writable().await?;
        }
        Ok(())
    }

    fn push_rest(&self) -> io::Result<bool> {
        let Some(sink) = &self.0 else { return Ok(true) };
        let rest = std::mem::take(&mut *lock(&sink.rest));
        self.push(rest)
    }

    /// Writes what takes no waiting and keeps the rest; true if there is none.
    fn push(&self, mut bytes: Bytes) -> io::Result<bool> {
        while !bytes.is_empty() {
            match self.write_now(&bytes) {
                Ok(n) => bytes.advance(n),
                Err(e) if e.kind() == ErrorKind::WouldBlock => break,
                Err(e) => return Err(e),
            }
        }
        let all = bytes.is_empty();
        if let Some(sink) = &self.0 {
            *lock(&sink.rest) = bytes;
        }
        Ok(all)
    }

    /// Waits until the kernel reports room anew; only called after a write found none.
    async fn writable(&self) -> io::Result<()> {
        std::future::poll_fn(|context| self.poll_writable(context)).await
    }

    fn poll_writable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let watched = match self.0.as_deref().map(|sink| &*sink.channel) {
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
        self.0.as_ref().is_some_and(|sink| sink.channel.fd().is_terminal())
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

fn failed(error: io::Error) -> StreamError {
    StreamError::LastOperationFailed(error.into())
}

#[async_trait::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {
        // An error ends the waiting; the next call reports it.
        if self.finish().await.is_ok() {
            let _ = self.writable().await;
        }
    }
}

#[async_trait::async_trait]
impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if !self.push_rest().map_err(failed)? {
            return Err(StreamError::trap("write without a permit from check-write"));
        }
        self.push(bytes).map(drop).map_err(failed)
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.push_rest().map(drop).map_err(failed)
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(if self.push_rest().map_err(failed)? { PERMIT } else { 0 })
    }

    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.finish().await.map_err(failed)?;
        self.write_all(&bytes).await.map_err(failed)
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
