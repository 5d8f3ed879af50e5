//! `fd_readdir`. A cookie is the number of the entry behind it: `.` is the first, `..` the second, and the kernel's
//! order is that of the rest.

use crate::account::memory::MemoryShare;
use crate::wasi::filesystem::{Listing, number_of};
use crate::wasi::{GuestState, MODULE, answer, memory_and_state};
use rustix::fs::{FileType, fstat};
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use tokio::task::yield_now;
use wasmtime::component::ResourceTable;
use wasmtime::{Caller, Linker};
use wasmtime_wasi::WasiView;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p1::types::{Dircookie, Errno, Error, Fd, Filetype, Size};
use wasmtime_wasi::p1::wasi_snapshot_preview1::WasiSnapshotPreview1;
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;
use wiggle::{GuestMemory, GuestPtr};

type Result<T> = std::result::Result<T, Error>;

/// Listings that a guest has under way; of more, the one that has rested longest begins anew.
const MOST: usize = 16;
/// `.` and `..`.
const DOTS: [&[u8]; 2] = [b".", b".."];

/// The cookie of the next entry 0..8, the file's number 8..16, the name's length 16..20, the kind 20, and nothing.
const DIRENT_BYTES: usize = 24;

struct UnderWay {
    fd: u32,
    directory: u64,
    listing: Listing,
}

/// The listings of a guest's descriptors, the one that was used last at the end.
#[derive(Default)]
pub struct Listings(Vec<UnderWay>);

impl Listings {
    /// The listing of a descriptor, which stands for the directory of that number.
    fn of(
        &mut self,
        fd: u32,
        directory: u64,
        table: &mut ResourceTable,
        memory: &Arc<MemoryShare>,
    ) -> Result<&mut Listing> {
        let known = self.0.iter().position(|l| l.fd == fd);
        let under_way = match known.map(|at| self.0.remove(at)) {
            Some(same) if same.directory == directory => same,
            _ => UnderWay {
                fd,
                directory,
                listing: open(directory, table, memory)?,
            },
        };
        if self.0.len() == MOST {
            self.0.remove(0);
        }
        self.0.push(under_way);
        self.0.last_mut().map(|l| &mut l.listing).ok_or(Errno::Badf.into())
    }

    fn forget(&mut self, fd: Fd) {
        self.0.retain(|l| l.fd != u32::from(fd));
    }
}

/// Whichever descriptor of the guest's that is of this directory: they are all the same to a listing.
fn open(directory: u64, table: &mut ResourceTable, memory: &Arc<MemoryShare>) -> Result<Listing> {
    let directories = table.iter_mut().filter_map(|entry| match entry.downcast_ref() {
        Some(Descriptor::Dir(dir)) => Some(&dir.dir),
        _ => None,
    });
    let is_it = |dir: &&Arc<std::fs::File>| fstat(dir).is_ok_and(|stat| number_of(&stat) == directory);
    let found = { directories }.find(is_it).ok_or(Errno::Badf)?;
    Listing::open(found.as_fd(), memory).map_err(failure)
}

/// Puts the three functions in the place of Wasmtime's, which `linker` has.
///
/// # Errors
/// When one cannot be defined.
pub fn add_to_linker(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    linker.func_wrap_async(
        MODULE,
        "fd_readdir",
        |mut caller: Caller<'_, GuestState>, (fd, at, room, cookie, size): (i32, i32, i32, i64, i32)| {
            Box::new(async move {
                let (bytes, state) = memory_and_state(&mut caller)?;
                let mut memory = GuestMemory::Unshared(bytes);
                let buffer = (GuestPtr::new(at as u32), room as u32);
                let read = state
                    .read_directory(&mut memory, fd.into(), buffer, cookie as u64)
                    .await;
                answer(read.and_then(|read| Ok(memory.write(GuestPtr::<Size>::new(size as u32), read)?)))
            })
        },
    )?;
    linker.func_wrap_async(
        MODULE,
        "fd_close",
        |mut caller: Caller<'_, GuestState>, (fd,): (i32,)| {
            Box::new(async move {
                let (bytes, state) = memory_and_state(&mut caller)?;
                answer(state.close_file(&mut GuestMemory::Unshared(bytes), fd.into()).await)
            })
        },
    )?;
    linker.func_wrap_async(
        MODULE,
        "fd_renumber",
        |mut caller: Caller<'_, GuestState>, (from, to): (i32, i32)| {
            Box::new(async move {
                let (bytes, state) = memory_and_state(&mut caller)?;
                let memory = &mut GuestMemory::Unshared(bytes);
                answer(state.renumber_file(memory, from.into(), to.into()).await)
            })
        },
    )?;
    Ok(())
}

impl GuestState {
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
        let (table, share) = (self.wasi.ctx().table, self.limiter.share());
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
        let mut index = cookie.saturating_sub(DOTS.len() as u64);
        loop {
            let Some(found) = listing.get(index) else {
                match written.room > 0 && listing.approach(index).map_err(failure)? {
                    true => yield_now().await,
                    false => return Ok(room - written.room),
                }
                continue;
            };
            index += 1;
            let name = found.name.to_str().map_err(|_| Errno::Ilseq)?.as_bytes();
            let next = index + DOTS.len() as u64;
            if written.is_full_with(next, found.number, kind(found.kind), name)? {
                return Ok(room);
            }
        }
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

fn failure(error: io::Error) -> Error {
    ErrorCode::from(error).into()
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
