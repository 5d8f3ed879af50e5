//! Which files may become machine code, and what tells one from another.

use crate::account::limits::MAX_PROGRAM_BYTES;
use crate::ffi;
use crate::refusal::{Answer, Naming, Refusal};
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What tells one compiled file from another; a replaced file is a new inode.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileIdentity {
    device: u64,
    inode: u64,
    size: u64,
    changed: (i64, i64),
    modified: (i64, i64),
}

/// Opens compiled code. It is machine code, so only a file that nobody but this user or root can have written is loaded.
///
/// # Errors
/// When it is not there, or not such a file.
pub fn open(path: &Path) -> Answer<(File, FileIdentity)> {
    let file = File::open(path).refusing(format_args!("open compiled module {}", path.display()))?;
    let identity = trusted(&file, path)?;
    Ok((file, identity))
}

fn trusted(file: &File, path: &Path) -> Answer<FileIdentity> {
    let name = path.display();
    let meta = file.metadata().naming(format_args!("look at compiled module {name}"))?;
    let refuse = |why: &str| Err(Refusal::invalid(format!("load compiled module {name}: {why}")));
    if !meta.is_file() {
        return refuse("it is not a regular file");
    }
    if meta.uid() != 0 && meta.uid() != ffi::fd::own_uid() {
        return refuse("it belongs to another user");
    }
    if meta.mode() & 0o022 != 0 {
        return refuse("others may write to it");
    }
    if meta.len() == 0 || meta.len() > MAX_PROGRAM_BYTES {
        return refuse("it is empty or larger than any module may be");
    }
    Ok(FileIdentity {
        device: meta.dev(),
        inode: meta.ino(),
        size: meta.size(),
        changed: (meta.ctime(), meta.ctime_nsec()),
        modified: (meta.mtime(), meta.mtime_nsec()),
    })
}
