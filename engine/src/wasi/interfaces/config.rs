//! `wasi:config`: the values of a guest's environment, and before them the files of directories that were named for it.
//!
//! A file is read when a guest asks for it, as the guest's user, and never outside its directory: what the kubelet
//! updates in a mounted ConfigMap is there with the next call.

use crate::ffi;
use crate::refusal::{Answer, Refusal, one_line};
use crate::wasi::filesystem::mappings::{Mapping, directory};
use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use wasmtime::component::{ComponentType, Linker, Lower};

/// Alike but for their names; `store` was `runtime` once.
const NAMES: [&str; 3] = [
    "wasi:config/store@0.2.0-rc.1",
    "wasi:config/store@0.2.0-draft",
    "wasi:config/runtime@0.2.0-draft",
];
const MAX_DIRECTORIES: usize = 16;
/// As the kernel bounds a file's name.
const MAX_KEY: usize = 255;
/// Twice what Kubernetes lets a ConfigMap or Secret have.
const MAX_VALUE: usize = 2 << 20;
/// Of one directory.
const MAX_KEYS: usize = 1024;
/// Of the files together, for `get-all`.
const MAX_ALL: usize = 8 << 20;
/// Names of the kubelet's own in a mounted ConfigMap: `..data` and what it points to.
const HIDDEN: &str = "..";

/// The interface's own.
#[derive(Debug, ComponentType, Lower)]
#[component(variant)]
enum Error {
    /// A value that this interface cannot give.
    #[component(name = "upstream")]
    Upstream(String),
    /// A file or directory that cannot be read.
    #[component(name = "io")]
    Io(String),
}

type Answered<T> = Result<T, Error>;

/// Where the values come from.
#[derive(Default)]
pub struct Config {
    environment: Vec<(String, String)>,
    directories: Vec<Directory>,
}

impl Config {
    /// The values of `env` (`NAME=value`), and before them those of directories inside the guest's root.
    ///
    /// # Errors
    /// When a directory is not there, or there are too many.
    pub fn new(env: &[String], mappings: &[Mapping], directories: &[String]) -> Answer<Self> {
        if directories.len() > MAX_DIRECTORIES {
            return Err(Refusal::invalid(format!(
                "configuration directories: {} are named, and at most {MAX_DIRECTORIES} may be",
                directories.len()
            )));
        }
        let open = |path: &String| {
            let (fd, _) = directory(mappings, path, "configuration directory")?;
            Ok(Directory { path: path.clone(), fd })
        };
        let pairs = env.iter().filter_map(|entry| entry.split_once('='));
        Ok(Self {
            environment: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            directories: directories.iter().map(open).collect::<Answer<_>>()?,
        })
    }

    /// The value of the first directory that has the key, else the environment's.
    fn get(&self, key: &str) -> Answered<Option<String>> {
        for directory in &self.directories {
            if let Some(value) = directory.get(key)? {
                return Ok(Some(value));
            }
        }
        let variable = self.environment.iter().find(|(name, _)| name == key);
        Ok(variable.map(|(_, value)| value.clone()))
    }

    fn get_all(&self) -> Answered<Vec<(String, String)>> {
        let mut all = BTreeMap::new();
        let mut bytes = 0;
        for directory in &self.directories {
            for key in directory.keys()? {
                if !all.contains_key(&key)
                    && let Some(value) = directory.get(&key)?
                {
                    bytes += value.len();
                    if bytes > MAX_ALL {
                        return Err(Error::Upstream(format!("all values: more than {MAX_ALL} bytes")));
                    }
                    all.insert(key, value);
                }
            }
        }
        for (name, value) in &self.environment {
            all.entry(name.clone()).or_insert_with(|| value.clone());
        }
        Ok(all.into_iter().collect())
    }
}

/// A directory whose files are values.
struct Directory {
    path: String,
    fd: OwnedFd,
}

impl Directory {
    fn get(&self, key: &str) -> Answered<Option<String>> {
        if !is_key(key) {
            return Ok(None);
        }
        let bytes = match self.read(key) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(None),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::Io(format!("{}: {}", self.named(key), one_line(&e)))),
        };
        if bytes.len() > MAX_VALUE {
            return Err(Error::Upstream(format!(
                "{}: more than {MAX_VALUE} bytes",
                self.named(key)
            )));
        }
        let text = String::from_utf8(bytes);
        text.map(Some)
            .map_err(|_| Error::Upstream(format!("{}: not text in UTF-8", self.named(key))))
    }

    /// At most a byte more than a value may have; nothing if it is not a regular file.
    fn read(&self, key: &str) -> io::Result<Option<Vec<u8>>> {
        let file = ffi::fd::open_within(self.fd.as_fd(), key, libc::O_RDONLY | libc::O_NONBLOCK | libc::O_NOCTTY)?;
        if !ffi::fd::is_regular(file.as_fd())? {
            return Ok(None);
        }
        let (mut bytes, mut buffer) = (Vec::new(), [0; 16 * 1024]);
        while bytes.len() <= MAX_VALUE {
            match ffi::fd::read(file.as_fd(), &mut buffer)? {
                0 => break,
                n => bytes.extend_from_slice(&buffer[..n]),
            }
        }
        Ok(Some(bytes))
    }

    fn keys(&self) -> Answered<Vec<String>> {
        let failed = |e: io::Error| Error::Io(format!("{}: {}", self.path, one_line(&e)));
        let mut keys = Vec::new();
        for name in ffi::fd::names(self.fd.as_fd()).map_err(failed)? {
            // A name that is no text is no key.
            let Ok(name) = name.map_err(failed)?.into_string() else {
                continue;
            };
            if !is_key(&name) {
                continue;
            }
            if keys.len() == MAX_KEYS {
                return Err(Error::Upstream(format!("{}: more than {MAX_KEYS} files", self.path)));
            }
            keys.push(name);
        }
        Ok(keys)
    }

    fn named(&self, key: &str) -> String {
        format!("{}/{key}", self.path.trim_end_matches('/'))
    }
}

fn is_key(name: &str) -> bool {
    let hidden = name == "." || name.starts_with(HIDDEN);
    !name.is_empty() && name.len() <= MAX_KEY && !hidden && !name.contains(['/', '\0'])
}

pub(super) fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    view: impl Fn(&T) -> &Config + Copy + Send + Sync + 'static,
) -> wasmtime::Result<()> {
    for name in NAMES {
        let mut interface = linker.instance(name)?;
        interface.func_wrap("get", move |store, (key,): (String,)| {
            Ok((view(store.data()).get(&key),))
        })?;
        interface.func_wrap("get-all", move |store, ()| Ok((view(store.data()).get_all(),)))?;
    }
    Ok(())
}
