//! What a module that finds sockets open may import.

use crate::wasi::preview1::answer::{Result, answer};
use crate::wasi::preview1::state::{MODULE, Preview1, View, memory_and_state};
use wasmtime::{Caller, Linker};
use wasmtime_wasi::p1::types::{Errno, Fd, Fdflags, Riflags, Roflags, Size};
use wasmtime_wasi::p1::wasi_snapshot_preview1 as preview1;
use wiggle::{GuestMemory, GuestPtr};

/// A kind of preopen that is no directory, and that preview 1 does not name.
const NO_DIRECTORY: u8 = 1;

/// Everything that a module may import which finds sockets open.
///
/// # Errors
/// When a function cannot be defined.
pub fn add_to_linker<T: Send + 'static>(linker: &mut Linker<T>, view: View<T>) -> wasmtime::Result<()> {
    preview1::add_to_linker(linker, view)?;
    linker.allow_shadowing(true);
    linker.func_wrap(
        MODULE,
        "fd_prestat_get",
        move |mut caller: Caller<'_, T>, fd: i32, at: i32| {
            let (bytes, state) = memory_and_state(&mut caller, view)?;
            describe_preopen(bytes, state, fd, at)
        },
    )?;
    linker.func_wrap_async(
        MODULE,
        "sock_accept",
        move |mut caller: Caller<'_, T>, (fd, flags, at)| {
            Box::new(async move {
                let (bytes, state) = memory_and_state(&mut caller, view)?;
                answer(accept(bytes, state, fd, flags, at).await)
            })
        },
    )?;
    add_traffic(linker, view)?;
    linker.allow_shadowing(false);
    Ok(())
}

fn add_traffic<T: Send + 'static>(linker: &mut Linker<T>, view: View<T>) -> wasmtime::Result<()> {
    linker.func_wrap_async(
        MODULE,
        "sock_recv",
        move |mut caller: Caller<'_, T>, (fd, list, count, flags, size, read)| {
            Box::new(async move {
                let (bytes, state) = memory_and_state(&mut caller, view)?;
                answer(receive(bytes, state, fd, (list, count), flags, (size, read)).await)
            })
        },
    )?;
    linker.func_wrap_async(
        MODULE,
        "sock_send",
        move |mut caller: Caller<'_, T>, (fd, list, count, flags, size)| {
            Box::new(async move {
                let (bytes, state) = memory_and_state(&mut caller, view)?;
                answer(send(bytes, state, fd, (list, count), flags, size).await)
            })
        },
    )?;
    Ok(())
}

/// Programs look for their directories from 3 on: up to the first number that answers `badf`, and some end at any other
/// error. So a socket is a preopen, of a kind that none of them knows, and they go on to the next one.
fn describe_preopen(bytes: &mut [u8], state: &mut Preview1, fd: i32, at: i32) -> wasmtime::Result<i32> {
    let mut memory = GuestMemory::Unshared(bytes);
    if !state.sockets.contains(fd as u32) {
        return preview1::fd_prestat_get(&mut state.wasi, &mut memory, fd, at);
    }
    let length = pointer::<Size>(at).add(1)?;
    memory.write(length, 0)?;
    memory.write(pointer(at), NO_DIRECTORY)?;
    Ok(0)
}

async fn accept(bytes: &mut [u8], state: &mut Preview1, fd: i32, flags: i32, at: i32) -> Result<()> {
    let mut memory = GuestMemory::Unshared(bytes);
    let accepted = state.accept(&mut memory, fd.into(), Fdflags::try_from(flags)?).await?;
    Ok(memory.write(pointer::<Fd>(at), accepted)?)
}

async fn receive(
    bytes: &mut [u8],
    state: &mut Preview1,
    fd: i32,
    (list, count): (i32, i32),
    flags: i32,
    (size, read): (i32, i32),
) -> Result<()> {
    let mut memory = GuestMemory::Unshared(bytes);
    let (fd, list, flags) = (Fd::from(fd), array(list, count), Riflags::try_from(flags)?);
    let received = match state.sockets.contains(fd) {
        true => state.sockets.receive(&mut memory, fd, list, flags).await?,
        false => preview1::WasiSnapshotPreview1::sock_recv(&mut state.wasi, &mut memory, fd, list, flags)?.0,
    };
    memory.write(pointer::<Size>(size), received)?;
    Ok(memory.write(pointer(read), Roflags::empty())?)
}

async fn send(
    bytes: &mut [u8],
    state: &mut Preview1,
    fd: i32,
    (list, count): (i32, i32),
    flags: i32,
    size: i32,
) -> Result<()> {
    let mut memory = GuestMemory::Unshared(bytes);
    let (fd, list) = (Fd::from(fd), array(list, count));
    let sent = match state.sockets.contains(fd) {
        true if flags != 0 => return Err(Errno::Inval.into()),
        true => state.sockets.send(&mut memory, fd, list).await?,
        false => preview1::WasiSnapshotPreview1::sock_send(&mut state.wasi, &mut memory, fd, list, 0)?,
    };
    Ok(memory.write(pointer::<Size>(size), sent)?)
}

fn pointer<T>(at: i32) -> GuestPtr<T> {
    GuestPtr::new(at as u32)
}

fn array<T>(at: i32, count: i32) -> GuestPtr<[T]> {
    GuestPtr::new((at as u32, count as u32))
}
