//! `read-directory` of WASI 0.2.

use super::Listing;
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

/// The very name under which Wasmtime defines the interface.
const NAME: &str = "wasi:filesystem/types@0.2.12";

/// What the guest has as `directory-entry-stream`.
struct Entries {
    listing: Listing,
    index: u64,
}

/// Puts the resource and its two functions in the place of Wasmtime's; listings are booked on the memory of a store.
///
/// # Errors
/// When one cannot be defined.
pub fn add_to_linker<T: WasiView + 'static>(
    linker: &mut Linker<T>,
    memory: fn(&T) -> &Arc<MemoryShare>,
) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut interface = linker.instance(NAME)?;
    let stream = ResourceType::host::<Entries>();
    interface.resource("directory-entry-stream", stream, |mut store, rep| {
        let entries = Resource::<Entries>::new_own(rep);
        store.data_mut().ctx().table.delete(entries)?;
        Ok(())
    })?;
    interface.func_wrap(
        "[method]descriptor.read-directory",
        move |mut store: StoreContextMut<'_, T>, (directory,)| {
            let share = memory(store.data()).clone();
            Ok((open(store.data_mut().ctx().table, &directory, &share)?,))
        },
    )?;
    interface.func_wrap_async(
        "[method]directory-entry-stream.read-directory-entry",
        |mut store: StoreContextMut<'_, T>, (entries,)| {
            Box::new(async move { Ok((next(store.data_mut().ctx().table, &entries).await?,)) })
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

type Opened = Result<Resource<Entries>, ErrorCode>;

fn open(
    table: &mut ResourceTable,
    directory: &Resource<Descriptor>,
    memory: &Arc<MemoryShare>,
) -> wasmtime::Result<Opened> {
    let Descriptor::Dir(directory) = table.get(directory)? else {
        return Ok(Err(ErrorCode::NotDirectory));
    };
    Ok(match Listing::open(directory.dir.as_fd(), memory) {
        Ok(listing) => Ok(table.push(Entries { listing, index: 0 })?),
        Err(error) => Err(error.into()),
    })
}

type Next = Result<Option<DirectoryEntry>, ErrorCode>;

/// The next entry. Between two pages others have their turn, and orders to the guest are heard.
async fn next(table: &mut ResourceTable, entries: &Resource<Entries>) -> wasmtime::Result<Next> {
    let entries = table.get_mut(entries)?;
    while entries.listing.get(entries.index).is_none() {
        match entries.listing.approach(entries.index) {
            Ok(true) => yield_now().await,
            Ok(false) => return Ok(Ok(None)),
            Err(error) => return Ok(Err(error.into())),
        }
    }
    let Some(found) = entries.listing.get(entries.index) else {
        return Ok(Ok(None));
    };
    entries.index += 1;
    Ok(match found.name.to_str() {
        Ok(name) => Ok(Some(DirectoryEntry {
            type_: kind(found.kind),
            name: name.to_owned(),
        })),
        Err(_) => Err(ErrorCode::IllegalByteSequence),
    })
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
