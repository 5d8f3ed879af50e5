//! Bytes to and from connections, in the guest's own memory: nothing is copied here but by the kernel.

use super::Sockets;
use super::socket::Stream;
use crate::wasi::preview1::answer::Result;
use std::io::IoSlice;
use std::net::Shutdown;
use wasmtime_wasi::p1::types::{self, Errno};
use wiggle::{GuestMemory, GuestPtr};

/// Buffers of one call, as many as Linux takes.
const MOST_BUFFERS: u32 = 1024;
/// Bytes of one call.
const MOST_BYTES: u64 = i32::MAX as u64;

impl Sockets {
    pub(super) async fn receive(
        &self,
        memory: &mut GuestMemory<'_>,
        fd: types::Fd,
        buffers: types::IovecArray,
        flags: types::Riflags,
    ) -> Result<types::Size> {
        let entry = self.get(fd).ok_or(Errno::Badf)?;
        let (stream, wait) = (entry.socket.connection().ok_or(Errno::Notconn)?, !entry.nonblocking);
        let (peek, all) = (
            flags.contains(types::Riflags::RECV_PEEK),
            flags.contains(types::Riflags::RECV_WAITALL),
        );
        if peek && all {
            return Err(Errno::Notsup.into());
        }
        let buffers = regions(memory, buffers, |memory, at| {
            let buffer: types::Iovec = memory.read(at)?;
            Ok(buffer.buf.as_array(buffer.buf_len))
        })?;
        match buffers.first() {
            _ if all => fill(memory, &buffers, stream, wait).await,
            // One read at most, so that no error is lost behind bytes.
            Some(first) => Ok(stream.receive(writable(memory, *first)?, peek, wait).await? as types::Size),
            None => Ok(0),
        }
    }

    pub(super) async fn send(
        &self,
        memory: &mut GuestMemory<'_>,
        fd: types::Fd,
        buffers: types::CiovecArray,
    ) -> Result<types::Size> {
        let entry = self.get(fd).ok_or(Errno::Badf)?;
        let (stream, wait) = (entry.socket.connection().ok_or(Errno::Notcapable)?, !entry.nonblocking);
        let buffers = regions(memory, buffers, |memory, at| {
            let buffer: types::Ciovec = memory.read(at)?;
            Ok(buffer.buf.as_array(buffer.buf_len))
        })?;
        let readable = |region: &GuestPtr<[u8]>| Ok(IoSlice::new(memory.as_slice(*region)?.ok_or(Errno::Notsup)?));
        let mut slices: Vec<_> = buffers.iter().map(readable).collect::<Result<_>>()?;
        drain(&mut slices, stream, wait).await
    }

    pub(super) fn shut_down(&self, fd: types::Fd, how: types::Sdflags) -> Result<()> {
        let entry = self.get(fd).ok_or(Errno::Badf)?;
        let stream = entry.socket.connection().ok_or(Errno::Notcapable)?;
        let (read, write) = (how.contains(types::Sdflags::RD), how.contains(types::Sdflags::WR));
        let how = match (read, write) {
            (true, true) => Shutdown::Both,
            (true, false) => Shutdown::Read,
            (false, true) => Shutdown::Write,
            (false, false) => return Err(Errno::Inval.into()),
        };
        Ok(stream.shutdown(how)?)
    }
}

/// The parts of memory that a call names and that are not empty.
fn regions<T>(
    memory: &GuestMemory<'_>,
    list: GuestPtr<[T]>,
    read: impl Fn(&GuestMemory<'_>, GuestPtr<T>) -> Result<GuestPtr<[u8]>>,
) -> Result<Vec<GuestPtr<[u8]>>>
where
    T: wiggle::GuestType,
{
    if list.len() > MOST_BUFFERS {
        return Err(Errno::Inval.into());
    }
    let mut found = list.iter().map(|at| read(memory, at?)).collect::<Result<Vec<_>>>()?;
    found.retain(|region| region.len() > 0);
    match found.iter().map(|region| u64::from(region.len())).sum::<u64>() {
        0..=MOST_BYTES => Ok(found),
        _ => Err(Errno::Inval.into()),
    }
}

fn writable<'a>(memory: &'a mut GuestMemory<'_>, region: GuestPtr<[u8]>) -> Result<&'a mut [u8]> {
    Ok(memory.as_slice_mut(region)?.ok_or(Errno::Notsup)?)
}

/// Receives until the buffers are full, the peer has ended, or something goes wrong.
async fn fill(
    memory: &mut GuestMemory<'_>,
    buffers: &[GuestPtr<[u8]>],
    stream: &Stream,
    wait: bool,
) -> Result<types::Size> {
    let mut filled = 0;
    for region in buffers {
        let mut rest = writable(memory, *region)?;
        while !rest.is_empty() {
            match stream.receive(rest, false, wait).await {
                Ok(0) => return Ok(filled),
                Ok(n) => {
                    filled += n as types::Size;
                    rest = &mut rest[n..];
                }
                Err(Errno::Again) if filled > 0 => return Ok(filled),
                Err(error) if filled > 0 => {
                    stream.report_later(error);
                    return Ok(filled);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(filled)
}

/// Sends everything, or what there is room for if it may not wait.
async fn drain(mut slices: &mut [IoSlice<'_>], stream: &Stream, wait: bool) -> Result<types::Size> {
    let mut sent = 0;
    while !slices.is_empty() {
        match stream.send(slices, wait).await {
            Ok(n) => {
                sent += n as types::Size;
                IoSlice::advance_slices(&mut slices, n);
            }
            // A broken connection stays so: the next call tells.
            Err(_) if sent > 0 => break,
            Err(error) => return Err(error.into()),
        }
        if !wait {
            break;
        }
    }
    Ok(sent)
}
