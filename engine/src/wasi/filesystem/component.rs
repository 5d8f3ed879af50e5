//! `read-directory` of WASI 0.2.

use super::{FileEntry, Listing};
use crate::account::memory::MemoryShare;
use rustix::fs::FileType;
use std::os::fd::AsFd;
use std::sync::Arc;
use tokio::task::yield_now;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceTable, ResourceType};
use wasmtime_wasi::WasiView;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::bindings::filesystem::types::{DescriptorType, DirectoryEntry, ErrorCode};
use wasmtime_wasi::runtime::spawn_blocking;

/// The very name under which Wasmtime defines the interface.
const NAME: &str = "wasi:filesystem/types@0.2.12";

/// What the guest has as `directory-entry-stream`. A listing that a helper has not brought back is lost.
struct Entries {
    listing: Option<Listing>,
    index: u64,
}

/// Puts the resource and its two functions in the place of Wasmtime's; listings are booked on the memory of a store, and
/// read by a helper unless its thread is alone.
///
/// # Errors
/// When one cannot be defined.
pub fn add_to_linker<T: WasiView + 'static>(
    linker: &mut Linker<T>,
    memory: fn(&T) -> &Arc<MemoryShare>,
    alone: fn(&T) -> bool,
) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut interface = linker.instance(NAME)?;
    let stream = ResourceType::host::<Entries>();
    interface.resource("directory-entry-stream", stream, |mut store, rep| {
        let entries = Resource::<Entries>::new_own(rep);
        store.data_mut().ctx().table.delete(entries)?;
        Ok(())
    })?;
    interface.func_wrap_async(
        "[method]descriptor.read-directory",
        move |mut store: StoreContextMut<'_, T>, (directory,)| {
            let (share, alone) = (memory(store.data()).clone(), alone(store.data()));
            Box::new(async move { Ok((open(store.data_mut().ctx().table, &directory, share, alone).await?,)) })
        },
    )?;
    interface.func_wrap_async(
        "[method]directory-entry-stream.read-directory-entry",
        move |mut store: StoreContextMut<'_, T>, (entries,)| {
            let alone = alone(store.data());
            Box::new(async move { Ok((next(store.data_mut().ctx().table, &entries, alone).await?,)) })
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

type Opened = Result<Resource<Entries>, ErrorCode>;

async fn open(
    table: &mut ResourceTable,
    directory: &Resource<Descriptor>,
    memory: Arc<MemoryShare>,
    alone: bool,
) -> wasmtime::Result<Opened> {
    let Descriptor::Dir(directory) = table.get(directory)? else {
        return Ok(Err(ErrorCode::NotDirectory));
    };
    let directory = directory.dir.clone();
    let opened = waiting(alone, move || Listing::open(directory.as_fd(), &memory)).await;
    Ok(match opened {
        Ok(listing) => Ok(table.push(Entries {
            listing: Some(listing),
            index: 0,
        })?),
        Err(error) => Err(error.into()),
    })
}

/// Does what may wait for a file: here, or by a helper if the thread has others to serve.
async fn waiting<T: Send + 'static>(alone: bool, work: impl FnOnce() -> T + Send + 'static) -> T {
    match alone {
        true => work(),
        false => spawn_blocking(work).await,
    }
}

type Next = Result<Option<DirectoryEntry>, ErrorCode>;

/// The next entry. Between two pages others have their turn, and orders to the guest are heard.
async fn next(table: &mut ResourceTable, entries: &Resource<Entries>, alone: bool) -> wasmtime::Result<Next> {
    let entries = table.get_mut(entries)?;
    let index = entries.index;
    loop {
        let Some(mut listing) = entries.listing.take() else {
            return Ok(Err(ErrorCode::Io));
        };
        if let Some(found) = listing.get(index) {
            let entry = entry(found);
            entries.index += 1;
            entries.listing = Some(listing);
            return Ok(entry.map(Some));
        }
        let turned;
        (listing, turned) = waiting(alone, move || {
            let turned = listing.approach(index);
            (listing, turned)
        })
        .await;
        entries.listing = Some(listing);
        match turned {
            Ok(true) => yield_now().await,
            Ok(false) => return Ok(Ok(None)),
            Err(error) => return Ok(Err(error.into())),
        }
    }
}

fn entry(found: &FileEntry) -> Result<DirectoryEntry, ErrorCode> {
    match found.name.to_str() {
        Ok(name) => Ok(DirectoryEntry {
            type_: kind(found.kind),
            name: name.to_owned(),
        }),
        Err(_) => Err(ErrorCode::IllegalByteSequence),
    }
}

fn kind(kind: FileType) -> DescriptorType {
    match kind {
        FileType::RegularFile => DescriptorType::RegularFile,
        FileType::Directory => DescriptorType::Directory,
        FileType::Symlink => DescriptorType::SymbolicLink,
        FileType::BlockDevice => DescriptorType::BlockDevice,
        FileType::CharacterDevice => DescriptorType::CharacterDevice,
        FileType::Fifo => DescriptorType::Fifo,
        FileType::Socket => DescriptorType::Socket,
        FileType::Unknown => DescriptorType::Unknown,
    }
}
