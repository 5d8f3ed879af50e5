//! Compiled modules, loaded and linked once for all guests that run them.

use crate::ffi;
use crate::guest::limits::MAX_PROGRAM_BYTES;
use crate::guest::wasi::GuestState;
use crate::refusal::{Answer, Naming, Refusal};
use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use wasmtime::{Engine, InstancePre, Linker, Module};

/// How many programs stay loaded after their last guest has gone. They are maps of files: cheap, but not free.
const KEPT: usize = 256;

/// A module that only needs a store to run in.
pub type Program = InstancePre<GuestState>;

/// What tells one compiled file from another; a replaced file is a new inode.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Identity {
    device: u64,
    inode: u64,
    size: u64,
    changed: (i64, i64),
    modified: (i64, i64),
}

struct Kept {
    program: Arc<Program>,
    used: u64,
}

/// The loaded programs of one engine, the least recently used leaving first.
pub struct Programs {
    engine: Engine,
    linker: Linker<GuestState>,
    kept: Mutex<(HashMap<Identity, Kept>, u64)>,
}

impl Programs {
    /// An empty set for `engine`, with WASI preview 1 to link against.
    ///
    /// # Errors
    /// When the WASI functions cannot be defined.
    pub fn new(engine: Engine) -> wasmtime::Result<Self> {
        let linker = crate::guest::wasi::linker(&engine)?;
        Ok(Self {
            engine,
            linker,
            kept: Mutex::new((HashMap::new(), 0)),
        })
    }

    /// The engine the programs run in.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The program of a compiled file.
    ///
    /// # Errors
    /// When the file is not there, not ours, damaged, of another engine, or imports what WASI preview 1 has not.
    pub fn load(&self, path: &Path) -> Answer<Arc<Program>> {
        let name = path.display();
        let file = File::open(path).refusing(format_args!("open compiled module {name}"))?;
        let identity = trusted(&file, path)?;
        if let Some(program) = self.recall(identity) {
            return Ok(program);
        }
        let module = deserialize(&self.engine, file).refusing(format_args!("load compiled module {name}"))?;
        let program = self
            .linker
            .instantiate_pre(&module)
            .refusing(format_args!("link compiled module {name}"))?;
        Ok(self.keep(identity, Arc::new(program)))
    }

    fn recall(&self, identity: Identity) -> Option<Arc<Program>> {
        let mut guard = self.kept.lock().unwrap();
        let (programs, clock) = &mut *guard;
        *clock += 1;
        let kept = programs.get_mut(&identity)?;
        kept.used = *clock;
        Some(kept.program.clone())
    }

    fn keep(&self, identity: Identity, program: Arc<Program>) -> Arc<Program> {
        let mut guard = self.kept.lock().unwrap();
        let (programs, clock) = &mut *guard;
        let used = *clock;
        let kept = programs.entry(identity).or_insert(Kept { program, used });
        let program = kept.program.clone();
        if programs.len() > KEPT
            && let Some(oldest) = programs.iter().min_by_key(|(_, k)| k.used).map(|(i, _)| *i)
        {
            programs.remove(&oldest);
        }
        program
    }
}

/// Compiled code is machine code, so only a file that nobody but this user or root can have written is loaded.
fn trusted(file: &File, path: &Path) -> Answer<Identity> {
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
    Ok(Identity {
        device: meta.dev(),
        inode: meta.ino(),
        size: meta.size(),
        changed: (meta.ctime(), meta.ctime_nsec()),
        modified: (meta.mtime(), meta.mtime_nsec()),
    })
}

fn deserialize(engine: &Engine, file: File) -> wasmtime::Result<Module> {
    // SAFETY: the bytes become machine code. `trusted` has checked that only root or this user can have written the
    // file; the daemon keeps its checksum, puts new files in place by rename and never changes one. Wasmtime itself
    // refuses what other versions or settings made.
    unsafe { Module::deserialize_open_file(engine, file) }
}
