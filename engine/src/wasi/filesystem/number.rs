//! The numbers of files.

use rustix::fs::Stat;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The number by which guests know a file, as Wasmtime makes it of the file system's and the file's.
pub fn number(device: u64, inode: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (device, inode).hash(&mut hasher);
    hasher.finish()
}

/// The same of a file that was looked at.
pub fn number_of(stat: &Stat) -> u64 {
    number(stat.st_dev, stat.st_ino)
}
