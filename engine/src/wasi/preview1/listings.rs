//! The directories that a guest reads, each listed a page at a time.

use super::answer::{Result, failure};
use crate::account::memory::MemoryShare;
use crate::wasi::filesystem::{Listing, number_of};
use rustix::fs::fstat;
use std::os::fd::AsFd;
use std::sync::Arc;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p1::types::{Errno, Fd};

/// Listings that a guest has under way; of more, the one that has rested longest begins anew.
const MOST: usize = 16;

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
    pub fn of(
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

    /// The descriptor stands for nothing any more, or for something else.
    pub fn forget(&mut self, fd: Fd) {
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
