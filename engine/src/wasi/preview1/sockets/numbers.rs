//! Which number is which socket's: accepting, describing, renumbering and closing them.

use super::{Entry, Sockets, TableEntry};
use crate::wasi::preview1::{answer::Result, state::Preview1};
use std::sync::Arc;
use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::WasiView;
use wasmtime_wasi::p1::types::{self, Errno, Fdflags, Rights};
use wasmtime_wasi::p1::wasi_snapshot_preview1::WasiSnapshotPreview1;
use wiggle::GuestMemory;

/// The right to `sock_accept`, which is younger than Wasmtime's list of them.
const SOCK_ACCEPT: Rights = Rights::from_bits_retain(1 << 29);

/// What `fd_filestat_get` says of any socket.
pub const FILESTAT: types::Filestat = types::Filestat {
    dev: 0,
    ino: 0,
    filetype: types::Filetype::SocketStream,
    nlink: 0,
    size: 0,
    atim: 0,
    mtim: 0,
    ctim: 0,
};

impl Preview1 {
    fn sockets_and_table(&mut self) -> (&mut Sockets, &mut ResourceTable) {
        (&mut self.sockets, self.wasi.ctx().table)
    }

    pub(super) async fn accept(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: types::Fd,
        flags: Fdflags,
    ) -> Result<types::Fd> {
        if !self.sockets.contains(fd) {
            return self.wasi.sock_accept(memory, fd, flags);
        }
        let nonblocking = only_nonblocking(flags)?;
        let (sockets, table) = self.sockets_and_table();
        // Before the connection, which would be lost if there were no room for it.
        let held = table.push(TableEntry).map_err(|_| Errno::Mfile)?;
        let listener = sockets.get(fd).ok_or(Errno::Badf)?;
        match listener.socket.accept(!listener.nonblocking).await {
            Ok(accepted) => Ok(sockets.admit(Arc::new(accepted), held, nonblocking).into()),
            Err(error) => {
                table.delete(held)?;
                Err(error.into())
            }
        }
    }

    /// Closes a descriptor: a socket, and what Wasmtime has under its number.
    pub(super) async fn close(&mut self, memory: &mut GuestMemory<'_>, fd: types::Fd) -> Result<()> {
        match self.let_go(fd)? {
            Some(Entry { covers: false, .. }) => Ok(()),
            _ => self.close_file(memory, fd).await,
        }
    }

    fn let_go(&mut self, fd: types::Fd) -> Result<Option<Entry>> {
        let (sockets, table) = self.sockets_and_table();
        let Some(entry) = sockets.entries.remove(&fd.into()) else {
            return Ok(None);
        };
        table.delete(Resource::<TableEntry>::new_own(entry.held.rep()))?;
        Ok(Some(entry))
    }

    /// Gives what is under `from` the number `to`, whose own is closed. Only an accepted socket's number cannot become
    /// that of something of Wasmtime's, which would go on counting from there.
    pub(super) async fn renumber(
        &mut self,
        memory: &mut GuestMemory<'_>,
        from: types::Fd,
        to: types::Fd,
    ) -> Result<()> {
        self.expect_open(memory, from).await?;
        self.expect_open(memory, to).await?;
        if from == to {
            return Ok(());
        }
        let covers = self.sockets.get(to).is_none_or(|lost| lost.covers);
        if !covers && !self.sockets.contains(from) {
            return Err(Errno::Notsup.into());
        }
        self.let_go(to)?;
        let Some(mut moved) = self.sockets.entries.remove(&from.into()) else {
            return self.renumber_file(memory, from, to).await;
        };
        let covered = std::mem::replace(&mut moved.covers, covers);
        self.sockets.entries.insert(to.into(), moved);
        match (covered, covers) {
            (true, true) => self.renumber_file(memory, from, to).await,
            (true, false) => self.close_file(memory, from).await,
            // What Wasmtime has under `to` stays open unseen until the socket is closed.
            (false, _) => Ok(()),
        }
    }

    async fn expect_open(&mut self, memory: &mut GuestMemory<'_>, fd: types::Fd) -> Result<()> {
        match self.sockets.contains(fd) {
            true => Ok(()),
            // Wasmtime looks whether it is open, and does nothing.
            false => self.wasi.fd_renumber(memory, fd, fd).await,
        }
    }
}

impl Sockets {
    pub(super) fn set_flags(&mut self, fd: types::Fd, flags: Fdflags) -> Result<()> {
        let entry = self.entries.get_mut(&fd.into()).ok_or(Errno::Badf)?;
        entry.nonblocking = only_nonblocking(flags)?;
        Ok(())
    }
}

impl Entry {
    pub(super) fn stat(&self) -> types::Fdstat {
        let of_all =
            Rights::FD_READ | Rights::FD_FDSTAT_SET_FLAGS | Rights::FD_FILESTAT_GET | Rights::POLL_FD_READWRITE;
        let of_connections = of_all | Rights::FD_WRITE | Rights::SOCK_SHUTDOWN;
        let own = self
            .socket
            .connection()
            .map_or(of_all | SOCK_ACCEPT, |_| of_connections);
        types::Fdstat {
            fs_filetype: types::Filetype::SocketStream,
            fs_flags: if self.nonblocking {
                Fdflags::NONBLOCK
            } else {
                Fdflags::empty()
            },
            fs_rights_base: own,
            fs_rights_inheriting: of_connections,
        }
    }
}

/// The one flag that sockets have.
fn only_nonblocking(flags: Fdflags) -> Result<bool> {
    match Fdflags::NONBLOCK.contains(flags) {
        true => Ok(!flags.is_empty()),
        false => Err(Errno::Inval.into()),
    }
}
