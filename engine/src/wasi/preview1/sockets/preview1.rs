//! Preview 1 for a guest that has sockets: what is about one is answered here, the rest by Wasmtime.
//!
//! Wasmtime takes some functions for such as never wait, and knows one kind of preopen only. Those are in [`super::linker`].

use super::numbers::FILESTAT;
use crate::wasi::preview1::{answer::Result, state::Preview1};
use wasmtime_wasi::I32Exit;
use wasmtime_wasi::p1::types::*;
use wasmtime_wasi::p1::wasi_snapshot_preview1::WasiSnapshotPreview1;
use wiggle::{GuestMemory, GuestPtr};

/// Functions without a descriptor, and those that are not reached.
macro_rules! passed_on {
    ($(fn $name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)*) => {$(
        fn $name(&mut self, memory: &mut GuestMemory<'_>, $($arg: $type),*) -> Result<$answer> {
            self.wasi.$name(memory, $($arg),*)
        }
    )*};
}

/// Functions about a descriptor that answer an error for every socket.
macro_rules! not_for_sockets {
    ($($error:ident: fn $name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)*) => {$(
        fn $name(&mut self, memory: &mut GuestMemory<'_>, fd: Fd, $($arg: $type),*) -> Result<$answer> {
            match self.sockets.contains(fd) {
                true => Err(Errno::$error.into()),
                false => self.wasi.$name(memory, fd, $($arg),*),
            }
        }
    )*};
}

/// The same, of those that may wait.
macro_rules! never_for_sockets {
    ($($error:ident: fn $name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)*) => {$(
        async fn $name(&mut self, memory: &mut GuestMemory<'_>, fd: Fd, $($arg: $type),*) -> Result<$answer> {
            match self.sockets.contains(fd) {
                true => Err(Errno::$error.into()),
                false => self.wasi.$name(memory, fd, $($arg),*).await,
            }
        }
    )*};
}

impl WasiSnapshotPreview1 for Preview1 {
    passed_on! {
        fn args_get(argv: GuestPtr<GuestPtr<u8>>, argv_buf: GuestPtr<u8>) -> ();
        fn args_sizes_get() -> (Size, Size);
        fn environ_get(environ: GuestPtr<GuestPtr<u8>>, environ_buf: GuestPtr<u8>) -> ();
        fn environ_sizes_get() -> (Size, Size);
        fn clock_res_get(id: Clockid) -> Timestamp;
        fn clock_time_get(id: Clockid, precision: Timestamp) -> Timestamp;
        fn proc_raise(sig: Signal) -> ();
        fn sched_yield() -> ();
        fn random_get(buf: GuestPtr<u8>, buf_len: Size) -> ();
        fn fd_prestat_get(fd: Fd) -> Prestat;
        fn sock_accept(fd: Fd, flags: Fdflags) -> Fd;
        fn sock_recv(fd: Fd, data: IovecArray, flags: Riflags) -> (Size, Roflags);
        fn sock_send(fd: Fd, data: CiovecArray, flags: Siflags) -> Size;
    }

    not_for_sockets! {
        Nodev: fn fd_allocate(offset: Filesize, len: Filesize) -> ();
        Notsup: fn fd_fdstat_set_rights(base: Rights, inheriting: Rights) -> ();
        Spipe: fn fd_tell() -> Filesize;
    }

    never_for_sockets! {
        Spipe: fn fd_advise(offset: Filesize, len: Filesize, advice: Advice) -> ();
        Inval: fn fd_datasync() -> ();
        Inval: fn fd_filestat_set_size(size: Filesize) -> ();
        Notsup: fn fd_filestat_set_times(atim: Timestamp, mtim: Timestamp, fst_flags: Fstflags) -> ();
        Spipe: fn fd_pread(iovs: IovecArray, offset: Filesize) -> Size;
        Spipe: fn fd_pwrite(iovs: CiovecArray, offset: Filesize) -> Size;
        Spipe: fn fd_seek(offset: Filedelta, whence: Whence) -> Filesize;
        Inval: fn fd_sync() -> ();
        Notdir: fn path_create_directory(path: GuestPtr<str>) -> ();
        Notdir: fn path_filestat_get(flags: Lookupflags, path: GuestPtr<str>) -> Filestat;
        Notdir: fn path_filestat_set_times(flags: Lookupflags, path: GuestPtr<str>, atim: Timestamp, mtim: Timestamp,
            fst_flags: Fstflags) -> ();
        Notdir: fn path_open(dirflags: Lookupflags, path: GuestPtr<str>, oflags: Oflags, base: Rights,
            inheriting: Rights, fdflags: Fdflags) -> Fd;
        Notdir: fn path_readlink(path: GuestPtr<str>, buf: GuestPtr<u8>, buf_len: Size) -> Size;
        Notdir: fn path_remove_directory(path: GuestPtr<str>) -> ();
        Notdir: fn path_unlink_file(path: GuestPtr<str>) -> ();
    }

    async fn fd_readdir(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: Fd,
        buf: GuestPtr<u8>,
        buf_len: Size,
        cookie: Dircookie,
    ) -> Result<Size> {
        match self.sockets.contains(fd) {
            true => Err(Errno::Notdir.into()),
            false => self.read_directory(memory, fd, (buf, buf_len), cookie).await,
        }
    }

    async fn path_link(
        &mut self,
        memory: &mut GuestMemory<'_>,
        old: Fd,
        flags: Lookupflags,
        old_path: GuestPtr<str>,
        new: Fd,
        new_path: GuestPtr<str>,
    ) -> Result<()> {
        match self.sockets.contains(old) || self.sockets.contains(new) {
            true => Err(Errno::Notdir.into()),
            false => self.wasi.path_link(memory, old, flags, old_path, new, new_path).await,
        }
    }

    async fn path_rename(
        &mut self,
        memory: &mut GuestMemory<'_>,
        old: Fd,
        old_path: GuestPtr<str>,
        new: Fd,
        new_path: GuestPtr<str>,
    ) -> Result<()> {
        match self.sockets.contains(old) || self.sockets.contains(new) {
            true => Err(Errno::Notdir.into()),
            false => self.wasi.path_rename(memory, old, old_path, new, new_path).await,
        }
    }

    async fn path_symlink(
        &mut self,
        memory: &mut GuestMemory<'_>,
        old_path: GuestPtr<str>,
        fd: Fd,
        new_path: GuestPtr<str>,
    ) -> Result<()> {
        match self.sockets.contains(fd) {
            true => Err(Errno::Notdir.into()),
            false => self.wasi.path_symlink(memory, old_path, fd, new_path).await,
        }
    }

    /// For those who ask for its name whatever its kind: it has no bytes.
    fn fd_prestat_dir_name(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: Fd,
        path: GuestPtr<u8>,
        path_len: Size,
    ) -> Result<()> {
        match self.sockets.contains(fd) {
            true if path_len == 0 => Ok(()),
            true => Err(Errno::Notdir.into()),
            false => self.wasi.fd_prestat_dir_name(memory, fd, path, path_len),
        }
    }

    async fn fd_fdstat_get(&mut self, memory: &mut GuestMemory<'_>, fd: Fd) -> Result<Fdstat> {
        match self.sockets.get(fd) {
            Some(entry) => Ok(entry.stat()),
            None => self.wasi.fd_fdstat_get(memory, fd).await,
        }
    }

    fn fd_fdstat_set_flags(&mut self, memory: &mut GuestMemory<'_>, fd: Fd, flags: Fdflags) -> Result<()> {
        match self.sockets.contains(fd) {
            true => self.sockets.set_flags(fd, flags),
            false => self.wasi.fd_fdstat_set_flags(memory, fd, flags),
        }
    }

    async fn fd_filestat_get(&mut self, memory: &mut GuestMemory<'_>, fd: Fd) -> Result<Filestat> {
        match self.sockets.contains(fd) {
            true => Ok(FILESTAT),
            false => self.wasi.fd_filestat_get(memory, fd).await,
        }
    }

    async fn fd_close(&mut self, memory: &mut GuestMemory<'_>, fd: Fd) -> Result<()> {
        self.close(memory, fd).await
    }

    async fn fd_renumber(&mut self, memory: &mut GuestMemory<'_>, from: Fd, to: Fd) -> Result<()> {
        self.renumber(memory, from, to).await
    }

    async fn fd_read(&mut self, memory: &mut GuestMemory<'_>, fd: Fd, iovs: IovecArray) -> Result<Size> {
        match self.sockets.contains(fd) {
            true => self.sockets.receive(memory, fd, iovs, Riflags::empty()).await,
            false => self.wasi.fd_read(memory, fd, iovs).await,
        }
    }

    async fn fd_write(&mut self, memory: &mut GuestMemory<'_>, fd: Fd, iovs: CiovecArray) -> Result<Size> {
        match self.sockets.contains(fd) {
            true => self.sockets.send(memory, fd, iovs).await,
            false => self.wasi.fd_write(memory, fd, iovs).await,
        }
    }

    async fn poll_oneoff(
        &mut self,
        memory: &mut GuestMemory<'_>,
        subscriptions: GuestPtr<Subscription>,
        events: GuestPtr<Event>,
        count: Size,
    ) -> Result<Size> {
        self.poll_by_clock(memory, subscriptions, events, count).await
    }

    fn proc_exit(&mut self, _: &mut GuestMemory<'_>, status: Exitcode) -> wiggle::error::Error {
        I32Exit((status & 0xff) as i32).into()
    }

    fn sock_shutdown(&mut self, memory: &mut GuestMemory<'_>, fd: Fd, how: Sdflags) -> Result<()> {
        match self.sockets.contains(fd) {
            true => self.sockets.shut_down(fd, how),
            false => self.wasi.sock_shutdown(memory, fd, how),
        }
    }

    fn set_hostcall_fuel(&mut self, fuel: usize) {
        self.wasi.set_hostcall_fuel(fuel);
    }
}
