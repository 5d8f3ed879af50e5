//! One directory under way: the page at hand, and where earlier pages began.

use super::number::{number, number_of};
use crate::account::memory::{Booked, MemoryShare};
use crate::ffi;
use rustix::fs::{AtFlags, FileType, RawDir, SeekFrom, fstat, fstatfs, seek, statat};
use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

/// What the kernel fills at once.
const PAGE_BYTES: usize = 16 << 10;
/// What a listing counts as in the memory of its container: a page, its entries apart, and the marks.
const BOOKED: u64 = 64 << 10;
/// Beginnings of pages that are remembered; of more, every second one is forgotten.
const MOST_MARKS: usize = 1024;
/// Files of an overlay are of other file systems than their directory says.
const OVERLAY: i64 = 0x794c_7630;

/// An entry.
#[derive(Debug)]
pub struct FileEntry {
    /// Its name.
    pub name: Box<CStr>,
    /// What it is; a symbolic link is one.
    pub kind: FileType,
    /// The number by which guests know the file.
    pub number: u64,
}

/// Where a page began: the entry's index, and the kernel's word for the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    index: u64,
    place: u64,
}

/// The entries of a directory but `.` and `..`, by index in the kernel's order.
pub struct Listing {
    directory: OwnedFd,
    device: u64,
    /// Whether an entry says of what kind it is, and the file system which number it has.
    telling: bool,
    page: Vec<FileEntry>,
    first: u64,
    /// The kernel's word for what is behind the page.
    next: u64,
    marks: Marks,
    _booked: Booked,
}

impl Listing {
    /// A listing at its beginning, booked on `memory`.
    ///
    /// # Errors
    /// ENOMEM without memory for it, or what the kernel says.
    pub fn open(directory: BorrowedFd<'_>, memory: &Arc<MemoryShare>) -> io::Result<Self> {
        let booked = Booked::on(memory, BOOKED).ok_or_else(|| io::Error::from_raw_os_error(libc::ENOMEM))?;
        let directory = ffi::fd::open_within(directory, ".", libc::O_RDONLY | libc::O_DIRECTORY)?;
        Ok(Self {
            device: fstat(&directory)?.st_dev,
            telling: fstatfs(&directory)?.f_type != OVERLAY,
            directory,
            page: Vec::new(),
            first: 0,
            next: 0,
            marks: Marks::default(),
            _booked: booked,
        })
    }

    /// Goes back to the beginning, and sees what the directory is now.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn rewind(&mut self) -> io::Result<()> {
        self.marks = Marks::default();
        self.go_to(Mark { index: 0, place: 0 })
    }

    fn go_to(&mut self, mark: Mark) -> io::Result<()> {
        seek(&self.directory, SeekFrom::Start(mark.place))?;
        self.page.clear();
        (self.first, self.next) = (mark.index, mark.place);
        Ok(())
    }

    /// The entry of this index, if the page at hand has it.
    pub fn get(&self, index: u64) -> Option<&FileEntry> {
        let within = usize::try_from(index.checked_sub(self.first)?).ok()?;
        self.page.get(within)
    }

    /// One page closer to the entry of this index, which the one at hand does not have. False if the directory ends
    /// before it.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn approach(&mut self, index: u64) -> io::Result<bool> {
        if index < self.first {
            self.go_to(self.marks.before(index))?;
        }
        self.turn()
    }

    /// The next page. False behind the last one.
    ///
    /// # Errors
    /// What the kernel says.
    fn turn(&mut self) -> io::Result<bool> {
        self.first += self.page.len() as u64;
        self.page.clear();
        self.marks.add(Mark {
            index: self.first,
            place: self.next,
        });
        let mut buffer = Vec::with_capacity(PAGE_BYTES);
        while self.page.is_empty() {
            let mut entries = RawDir::new(&self.directory, buffer.spare_capacity_mut());
            loop {
                let Some(entry) = entries.next() else { return Ok(false) };
                let entry = entry?;
                self.next = entry.next_entry_cookie();
                if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
                    let (name, kind) = (entry.file_name(), entry.file_type());
                    self.page.push(self.found(name, kind, entry.ino()));
                }
                if entries.is_buffer_empty() {
                    break;
                }
            }
        }
        Ok(true)
    }

    /// Looks at the file only if the entry does not tell. What has gone meanwhile is as the entry says.
    fn found(&self, name: &CStr, kind: FileType, inode: u64) -> FileEntry {
        let looked = match self.telling && kind != FileType::Unknown {
            true => None,
            false => statat(self.directory.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW).ok(),
        };
        FileEntry {
            name: name.into(),
            kind: looked.map_or(kind, |stat| FileType::from_raw_mode(stat.st_mode)),
            number: looked.map_or_else(|| number(self.device, inode), |stat| number_of(&stat)),
        }
    }
}

/// Where pages began, in order and evenly apart. When they become too many, every second one goes, and so does every
/// second one of those to come.
#[derive(Debug)]
struct Marks {
    kept: Vec<Mark>,
    /// Of so many pages one is marked.
    stride: u64,
    /// Pages since the last mark.
    passed: u64,
}

impl Default for Marks {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            stride: 1,
            passed: 0,
        }
    }
}

impl Marks {
    fn add(&mut self, mark: Mark) {
        if self.kept.last().is_some_and(|last| last.index >= mark.index) {
            self.passed = 0; // it was read before, and the marks from here on are known
            return;
        }
        self.passed += 1;
        if self.passed < self.stride && !self.kept.is_empty() {
            return;
        }
        if self.kept.len() == MOST_MARKS {
            let mut even = false;
            self.kept.retain(|_| {
                even = !even;
                even
            });
            self.stride *= 2;
        }
        self.kept.push(mark);
        self.passed = 0;
    }

    /// The last one that is not behind the index.
    fn before(&self, index: u64) -> Mark {
        let behind = self.kept.partition_point(|mark| mark.index <= index);
        let before = behind.checked_sub(1).and_then(|at| self.kept.get(at));
        before.copied().unwrap_or(Mark { index: 0, place: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::memory::MemoryAccount;
    use std::collections::BTreeSet;
    use std::fs::{self, File};
    use std::path::PathBuf;

    const FILES: u64 = 3000;

    struct Full(PathBuf);

    impl Full {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("krustlet-listing-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            for n in 0..FILES {
                File::create(path.join(format!("{n:05}"))).unwrap();
            }
            Self(path)
        }

        fn listing(&self, account: &Arc<MemoryAccount>) -> io::Result<Listing> {
            Listing::open(File::open(&self.0).unwrap().as_fd(), &MemoryShare::new(account.clone()))
        }
    }

    impl Drop for Full {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    fn name_at(listing: &mut Listing, index: u64) -> Option<Box<CStr>> {
        while listing.get(index).is_none() {
            if !listing.approach(index).unwrap() {
                return None;
            }
        }
        listing.get(index).map(|found| found.name.clone())
    }

    #[test]
    fn every_entry_has_one_index_from_wherever_it_is_asked_for() {
        let full = Full::new("index");
        let account = MemoryAccount::new(0);
        let mut listing = full.listing(&account).unwrap();
        let all: Vec<_> = (0..FILES).map(|n| name_at(&mut listing, n).unwrap()).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len() as u64, FILES);
        assert_eq!(name_at(&mut listing, FILES), None);
        for index in [2999, 0, 1500, 7, 2998, 1499, FILES + 5, 1] {
            assert_eq!(
                name_at(&mut listing, index).as_ref(),
                all.get(index as usize),
                "{index}"
            );
        }
        let mut fresh = full.listing(&account).unwrap();
        assert_eq!(name_at(&mut fresh, 2345).as_ref(), all.get(2345));
    }

    #[test]
    fn a_listing_is_booked_as_long_as_it_is_there() {
        let full = Full::new("booked");
        let account = MemoryAccount::new(BOOKED + 1);
        let listing = full.listing(&account).unwrap();
        assert_eq!(account.used(), BOOKED);
        let refused = full.listing(&account).err().unwrap();
        assert_eq!(refused.raw_os_error(), Some(libc::ENOMEM));
        drop(listing);
        assert_eq!(account.used(), 0);
    }

    #[test]
    fn marks_are_few_and_never_behind_what_is_looked_for() {
        let mut marks = Marks::default();
        for n in 0..100_000 {
            marks.add(Mark {
                index: n * 10,
                place: n,
            });
        }
        assert!(marks.kept.len() <= MOST_MARKS);
        for index in [0, 9, 10, 54_321, 999_990, 5_000_000] {
            let mark = marks.before(index);
            assert!(
                mark.index <= index && mark.place == mark.index / 10,
                "{index}: {mark:?}"
            );
        }
        assert!(marks.before(500_000).index > 490_000);
        assert!(marks.before(5_000_000).index > 990_000);
    }
}
