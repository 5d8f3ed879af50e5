//! `fd_readdir`. A cookie is the number of the entry behind it: `.` is the first, `..` the second, and the kernel's
//! order is that of the rest.

use super::answer::{Result, answer, failure};
use super::state::{MODULE, Preview1, View, memory_and_state};
use crate::wasi::filesystem::Listing;
use rustix::fs::FileType;
use tokio::task::yield_now;
use wasmtime::{Caller, Linker};
use wasmtime_wasi::WasiView;
use wasmtime_wasi::p1::types::{Dircookie, Errno, Fd, Filetype, Size};
use wasmtime_wasi::p1::wasi_snapshot_preview1::WasiSnapshotPreview1;
use wiggle::{GuestMemory, GuestPtr};

/// `.` and `..`.
const DOTS: [&[u8]; 2] = [b".", b".."];

/// The cookie of the next entry 0..8, the file's number 8..16, the name's length 16..20, the kind 20, and nothing.
const DIRENT_BYTES: usize = 24;

/// Puts the three functions in the place of Wasmtime's, which `linker` has.
///
/// # Errors
/// When one cannot be defined.
pub fn add_to_linker<T: Send + 'static>(linker: &mut Linker<T>, view: View<T>) -> wasmtime::Result<()> {
    add_reading(linker, view)?;
    linker.func_wrap_async(MODULE, "fd_close", move |mut caller: Caller<'_, T>, (fd,): (i32,)| {
        Box::new(async move {
            let (bytes, state) = memory_and_state(&mut caller, view)?;
            answer(state.close_file(&mut GuestMemory::Unshared(bytes), fd.into()).await)
        })
    })?;
    linker.func_wrap_async(
        MODULE,
        "fd_renumber",
        move |mut caller: Caller<'_, T>, (from, to): (i32, i32)| {
            Box::new(async move {
                let (bytes, state) = memory_and_state(&mut caller, view)?;
                let memory = &mut GuestMemory::Unshared(bytes);
                answer(state.renumber_file(memory, from.into(), to.into()).await)
            })
        },
    )?;
    Ok(())
}

fn add_reading<T: Send + 'static>(linker: &mut Linker<T>, view: View<T>) -> wasmtime::Result<()> {
    linker.func_wrap_async(
        MODULE,
        "fd_readdir",
        move |mut caller: Caller<'_, T>, (fd, at, room, cookie, size): (i32, i32, i32, i64, i32)| {
            Box::new(async move {
                let (bytes, state) = memory_and_state(&mut caller, view)?;
                let mut memory = GuestMemory::Unshared(bytes);
                let buffer = (GuestPtr::new(at as u32), room as u32);
                let read = state
                    .read_directory(&mut memory, fd.into(), buffer, cookie as u64)
                    .await;
                answer(read.and_then(|read| Ok(memory.write(GuestPtr::<Size>::new(size as u32), read)?)))
            })
        },
    )?;
    Ok(())
}

impl Preview1 {
    /// `fd_readdir`: as many entries from the cookie on as fit, the last of them cut off. Between two pages others have
    /// their turn, and orders to the guest are heard.
    ///
    /// # Errors
    /// As preview 1 has it.
    pub async fn read_directory(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: Fd,
        (at, room): (GuestPtr<u8>, Size),
        cookie: Dircookie,
    ) -> Result<Size> {
        let stat = self.wasi.fd_filestat_get(memory, fd).await?;
        if stat.filetype != Filetype::Directory {
            return Err(Errno::Badf.into());
        }
        let (table, share) = (self.wasi.ctx().table, &self.memory);
        let listing = self.listings.of(fd.into(), stat.ino, table, share)?;
        if cookie == 0 {
            listing.rewind().map_err(failure)?;
        }
        let mut written = Written { memory, at, room };
        for (next, name) in (1..).zip(DOTS).filter(|(next, _)| *next > cookie) {
            if written.is_full_with(next, stat.ino, Filetype::Directory, name)? {
                return Ok(room);
            }
        }
        written.fill(listing, cookie.saturating_sub(DOTS.len() as u64)).await?;
        Ok(room - written.room)
    }

    /// `fd_close`, of what is not a socket.
    ///
    /// # Errors
    /// As preview 1 has it.
    pub async fn close_file(&mut self, memory: &mut GuestMemory<'_>, fd: Fd) -> Result<()> {
        self.listings.forget(fd);
        self.wasi.fd_close(memory, fd).await
    }

    /// `fd_renumber`, of what is not a socket.
    ///
    /// # Errors
    /// As preview 1 has it.
    pub async fn renumber_file(&mut self, memory: &mut GuestMemory<'_>, from: Fd, to: Fd) -> Result<()> {
        self.listings.forget(from);
        self.listings.forget(to);
        self.wasi.fd_renumber(memory, from, to).await
    }
}

/// The guest's buffer, as far as there is still room in it.
struct Written<'a, 'm> {
    memory: &'a mut GuestMemory<'m>,
    at: GuestPtr<u8>,
    room: Size,
}

impl Written<'_, '_> {
    /// Writes the entries from this one on, until there are no more or nothing more fits.
    async fn fill(&mut self, listing: &mut Listing, mut index: u64) -> Result<()> {
        loop {
            let Some(found) = listing.get(index) else {
                match self.room > 0 && listing.approach(index).map_err(failure)? {
                    true => yield_now().await,
                    false => return Ok(()),
                }
                continue;
            };
            index += 1;
            let name = found.name.to_str().map_err(|_| Errno::Ilseq)?.as_bytes();
            let next = index + DOTS.len() as u64;
            if self.is_full_with(next, found.number, kind(found.kind), name)? {
                return Ok(());
            }
        }
    }

    /// Writes an entry, or as much of it as fits; true if nothing more does.
    fn is_full_with(&mut self, next: Dircookie, number: u64, kind: Filetype, name: &[u8]) -> Result<bool> {
        let mut head = [0; DIRENT_BYTES];
        head[..8].copy_from_slice(&next.to_le_bytes());
        head[8..16].copy_from_slice(&number.to_le_bytes());
        head[16..20].copy_from_slice(&u32::try_from(name.len())?.to_le_bytes());
        head[20] = kind as u8;
        self.put(&head)?;
        self.put(name)?;
        Ok(self.room == 0)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let fits = u32::try_from(bytes.len())?.min(self.room);
        self.memory
            .copy_from_slice(&bytes[..fits as usize], self.at.as_array(fits))?;
        self.at = self.at.add(fits)?;
        self.room -= fits;
        Ok(())
    }
}

/// Preview 1 has no name for a fifo.
fn kind(kind: FileType) -> Filetype {
    match kind {
        FileType::RegularFile => Filetype::RegularFile,
        FileType::Directory => Filetype::Directory,
        FileType::Symlink => Filetype::SymbolicLink,
        FileType::BlockDevice => Filetype::BlockDevice,
        FileType::CharacterDevice => Filetype::CharacterDevice,
        FileType::Socket => Filetype::SocketStream,
        _ => Filetype::Unknown,
    }
}
