//! One socket: waiting for it in the runtime, where a signal or a pause finds the guest, and never in the kernel.

use super::errno;
use crate::ffi;
use crate::lock::lock;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::Mutex;
use std::task::{Context, Poll};
use tokio::io::Interest;
use tokio::io::unix::{AsyncFd, AsyncFdReadyGuard};
use wasmtime_wasi::p1::types::Errno;

/// A socket of a guest.
pub enum Socket {
    /// One that connections come to.
    Listener(AsyncFd<TcpListener>),
    /// One of a connection.
    Stream(Stream),
}

/// A connection, and an error that came behind bytes of a call which could only report those.
pub struct Stream {
    connection: AsyncFd<TcpStream>,
    late: Mutex<Option<Errno>>,
}

impl Socket {
    /// Takes over a listening socket. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the runtime cannot watch it.
    pub fn listener(listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self::Listener(ffi::fd::watch_socket(listener, Interest::READABLE)?))
    }

    fn stream(connection: TcpStream) -> io::Result<Self> {
        connection.set_nonblocking(true)?;
        // Preview 1 cannot ask for it, and an answer in two writes would wait for the client's acknowledgement.
        connection.set_nodelay(true)?;
        Ok(Self::Stream(Stream {
            connection: ffi::fd::watch_socket(connection, Interest::READABLE | Interest::WRITABLE)?,
            late: Mutex::default(),
        }))
    }

    /// The port a listener is bound to.
    pub fn port(&self) -> io::Result<u16> {
        match self {
            Self::Listener(listener) => listener.get_ref().local_addr(),
            Self::Stream(stream) => stream.connection.get_ref().local_addr(),
        }
        .map(|address| address.port())
    }

    /// The next connection.
    pub(super) async fn accept(&self, wait: bool) -> Result<Self, Errno> {
        let Self::Listener(listener) = self else {
            return Err(Errno::Inval);
        };
        let accept = |l: &TcpListener| l.accept().map(|(connection, _)| connection);
        let connection = attempt(listener, Interest::READABLE, wait, accept).await;
        connection.and_then(Self::stream).map_err(|e| errno::of(&e))
    }

    /// The connection, if it is one.
    pub(super) fn connection(&self) -> Option<&Stream> {
        match self {
            Self::Stream(stream) => Some(stream),
            Self::Listener(_) => None,
        }
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Listener(listener) => listener.get_ref().as_fd(),
            Self::Stream(stream) => stream.connection.get_ref().as_fd(),
        }
    }

    /// Has the task woken when the kernel reports something new; only after a look at it found nothing.
    pub(super) fn poll_news(&self, write: bool, context: &mut Context<'_>) -> io::Result<()> {
        match self {
            Self::Listener(listener) => news(|| listener.poll_read_ready(context)),
            Self::Stream(Stream { connection, .. }) if write => news(|| connection.poll_write_ready(context)),
            Self::Stream(Stream { connection, .. }) => news(|| connection.poll_read_ready(context)),
        }
    }

    /// Bytes that can be read at once.
    pub(super) fn unread(&self) -> u64 {
        match self {
            Self::Listener(_) => 1,
            Self::Stream(_) => ffi::fd::bytes_to_read(self.fd()).unwrap_or(0),
        }
    }
}

impl Stream {
    /// What there is, up to the size of `buffer`; 0 is the end.
    pub(super) async fn receive(&self, buffer: &mut [u8], peek: bool, wait: bool) -> Result<usize, Errno> {
        if let Some(late) = lock(&self.late).take() {
            return Err(late);
        }
        let receive = |mut stream: &TcpStream| match peek {
            true => stream.peek(buffer),
            false => stream.read(buffer),
        };
        let received = attempt(&self.connection, Interest::READABLE, wait, receive).await;
        received.map_err(|e| errno::of(&e))
    }

    /// The next call to receive reports this error.
    pub(super) fn report_later(&self, error: Errno) {
        *lock(&self.late) = Some(error);
    }

    /// As many of the bytes as there is room for.
    pub(super) async fn send(&self, slices: &[IoSlice<'_>], wait: bool) -> Result<usize, Errno> {
        let send = |mut stream: &TcpStream| stream.write_vectored(slices);
        let sent = attempt(&self.connection, Interest::WRITABLE, wait, send).await;
        sent.map_err(|e| errno::of(&e))
    }

    pub(super) fn shutdown(&self, how: Shutdown) -> Result<(), Errno> {
        self.connection.get_ref().shutdown(how).map_err(|e| errno::of(&e))
    }
}

/// The call at once, for the runtime may not have heard of the socket's state yet; then, if it may wait, as often as the
/// runtime hears of a change.
async fn attempt<S: AsRawFd, T>(
    socket: &AsyncFd<S>,
    interest: Interest,
    wait: bool,
    mut call: impl FnMut(&S) -> io::Result<T>,
) -> io::Result<T> {
    match call(socket.get_ref()) {
        Err(e) if e.kind() == ErrorKind::WouldBlock && wait => socket.async_io(interest, call).await,
        answer => answer,
    }
}

fn news<'a, S: AsRawFd + 'a>(mut poll: impl FnMut() -> Poll<io::Result<AsyncFdReadyGuard<'a, S>>>) -> io::Result<()> {
    while let Poll::Ready(ready) = poll() {
        ready?.clear_ready();
    }
    Ok(())
}
