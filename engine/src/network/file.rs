//! A file of a guest's root that the engine reads for it: bounded, as the guest's user, and again only when it changed.

use crate::ffi;
use crate::lock::lock;
use rustix::fs::{Stat, fstat};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex};

/// What changes when a file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    place: (u64, u64),
    size: i64,
    changed: (i64, i64),
}

impl Identity {
    fn of(stat: &Stat) -> Self {
        Self {
            place: (stat.st_dev as _, stat.st_ino as _),
            size: stat.st_size as _,
            changed: (stat.st_ctime as _, stat.st_ctime_nsec as _),
        }
    }
}

/// What a file says, as it was read last.
#[derive(Debug)]
struct Read<T> {
    identity: Option<Identity>,
    content: Arc<T>,
}

/// A file and what it means.
#[derive(Debug)]
pub struct GuestFile<T> {
    root: Arc<OwnedFd>,
    path: String,
    max_bytes: usize,
    parse: fn(&[u8]) -> T,
    read: Mutex<Option<Read<T>>>,
}

impl<T> GuestFile<T> {
    /// The file at `path` of `root`, of `max_bytes` at most. Nothing is read yet.
    pub fn new(root: Arc<OwnedFd>, path: &str, max_bytes: usize, parse: fn(&[u8]) -> T) -> Self {
        Self {
            root,
            path: path.to_owned(),
            max_bytes,
            parse,
            read: Mutex::new(None),
        }
    }

    /// What it says now; nothing if there is none.
    ///
    /// # Errors
    /// When the guest's user may not read it, or it is too large or no ordinary file.
    pub fn content(&self) -> io::Result<Option<Arc<T>>> {
        let file = match ffi::fd::open_file_beneath(self.root.as_fd(), &self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let stat = fstat(&file)?;
        let identity = Some(Identity::of(&stat));
        let mut read = lock(&self.read);
        if let Some(known) = read.as_ref().filter(|r| r.identity == identity) {
            return Ok(Some(known.content.clone()));
        }
        let content = Arc::new((self.parse)(&contents(&file, self.max_bytes)?));
        *read = Some(Read {
            identity,
            content: content.clone(),
        });
        Ok(Some(content))
    }
}

/// All bytes of an ordinary file.
///
/// # Errors
/// When it is another kind of file, or has more than `max_bytes`.
pub fn contents(file: &OwnedFd, max_bytes: usize) -> io::Result<Vec<u8>> {
    if !ffi::fd::is_regular(file.as_fd())? {
        return Err(io::Error::other("it is no ordinary file"));
    }
    let (mut bytes, mut buffer) = (Vec::new(), [0; 16 * 1024]);
    loop {
        match ffi::fd::read(file.as_fd(), &mut buffer)? {
            0 => return Ok(bytes),
            n => bytes.extend_from_slice(&buffer[..n]),
        }
        if bytes.len() > max_bytes {
            return Err(io::Error::other(format!("it has more than {max_bytes} bytes")));
        }
    }
}
