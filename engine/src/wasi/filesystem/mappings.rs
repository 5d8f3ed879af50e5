//! What a guest sees of the file system.

use crate::ffi;
use crate::refusal::{Answer, Naming, Refusal};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

/// A directory of the node that the guest sees under a path of its own.
pub struct Mapping {
    host: OwnedFd,
    guest: String,
    access: FsPerms,
}

impl Mapping {
    /// Opens the directory once; what happens to its path later is of no consequence.
    ///
    /// # Errors
    /// When it is not a directory that can be opened.
    pub fn open(host: &Path, guest: &str, access: FsPerms) -> Answer<Self> {
        let fd = ffi::fd::open(host, libc::O_PATH | libc::O_DIRECTORY)
            .refusing(format_args!("open directory {}", host.display()))?;
        Ok(Self::of(fd, guest, access))
    }

    /// A directory that is open already.
    pub fn of(host: OwnedFd, guest: &str, access: FsPerms) -> Self {
        Self {
            host,
            guest: guest.to_owned(),
            access,
        }
    }

    fn preopen(&self, wasi: &mut WasiCtxBuilder) -> Answer<()> {
        self.preopen_as(wasi, self.access)
    }

    fn preopen_as(&self, wasi: &mut WasiCtxBuilder, access: FsPerms) -> Answer<()> {
        let path = format!("/proc/self/fd/{}", self.host.as_raw_fd());
        wasi.preopened_dir(path, &self.guest, access)
            .map(drop)
            .naming(format_args!("preopen {}", self.guest))
    }

    /// The rest of `path` below this mapping's guest path.
    fn rest_of<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(self.guest.trim_end_matches('/'))?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }
}

/// The most directories that a guest may ask for instead of its root.
const MAX_PREOPENS: usize = 64;

/// The directories of the root that the policy names, each as a mapping of its own; the root itself without a policy.
///
/// # Errors
/// When there are too many, or one is not there.
pub fn preopens(root: Vec<Mapping>, wished: &[String]) -> Answer<Vec<Mapping>> {
    if wished.is_empty() {
        return Ok(root);
    }
    if wished.len() > MAX_PREOPENS {
        let sentence = format!("preopen {} directories: there may be {MAX_PREOPENS}", wished.len());
        return Err(Refusal::invalid(sentence));
    }
    let open = |wish: &String| {
        let (path, read_only) = match wish.strip_suffix(":ro") {
            Some(path) => (path, true),
            None => (wish.as_str(), false),
        };
        let (host, access) = directory(&root, path, "preopen")?;
        let access = if read_only { FsPerms::ReadOnly } else { access };
        Ok(Mapping::of(host, path, access))
    };
    wished.iter().map(open).collect()
}

/// Preopens what is there only to have the first `count` numbers, which then are others'; whether that is needed:
/// without a directory nothing can be opened, and no number given out. It is what the guest sees anyway, and of that
/// only to read.
///
/// # Errors
/// When a directory cannot be opened.
pub fn take_numbers(wasi: &mut WasiCtxBuilder, mappings: &[Mapping], count: usize) -> Answer<bool> {
    let Some(first) = mappings.first() else {
        return Ok(false);
    };
    let taken = |_| first.preopen_as(wasi, FsPerms::ReadOnly);
    (0..count).try_for_each(taken)?;
    Ok(true)
}

/// Preopens the mappings, and before them the working directory as `.` unless it is `/` or not asked for.
///
/// A component can ask for the working directory; preview 1 has none. Zig takes the first preopen for it and Go the variable `PWD`; wasi-libc (C,
/// Rust) takes `.` and `/` for the same place and the last of them for both, so `/` must be the last or absolute
/// paths would go astray; relative ones begin at `/` there.
///
/// # Errors
/// When the working directory is not there or a directory cannot be opened.
pub fn preopen(wasi: &mut WasiCtxBuilder, mappings: &[Mapping], cwd: &str, env: &[String]) -> Answer<()> {
    wasi.initial_cwd(if cwd.is_empty() { "/" } else { cwd });
    if !matches!(cwd, "" | "/") {
        let (host, access) = directory(mappings, cwd, "working directory")?;
        Mapping::of(host, ".", access).preopen(wasi)?;
        if !env.iter().any(|entry| entry.starts_with("PWD=")) {
            wasi.env("PWD", cwd);
        }
    }
    mappings.iter().try_for_each(|m| m.preopen(wasi))
}

/// Opens a directory inside the mappings, as the guest sees it.
///
/// # Errors
/// `what path: cause`, when it is not there.
pub fn directory(mappings: &[Mapping], path: &str, what: &str) -> Answer<(OwnedFd, FsPerms)> {
    let (mapping, rest) = mappings
        .iter()
        .filter_map(|m| Some((m, m.rest_of(path)?)))
        .min_by_key(|(_, rest)| rest.len())
        .ok_or_else(|| Refusal::invalid(format!("{what} {path}: no such directory")))?;
    let rest = if rest.is_empty() { "/" } else { rest };
    let host = ffi::fd::open_directory_beneath(mapping.host.as_fd(), rest).refusing(format_args!("{what} {path}"))?;
    Ok((host, mapping.access))
}
