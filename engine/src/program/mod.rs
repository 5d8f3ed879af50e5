//! Compiled modules, loaded and linked once for all guests that run them.

mod compiled;
mod pool;
pub mod ticker;
mod trust;

use crate::refusal::{Answer, Naming, Refusal};
use crate::wasi::{GuestState, linker};
use crate::wasmtime_engine::epochs::Epochs;
use compiled::{Compiled, deserialize};
use pool::Pool;
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use ticker::Ticker;
use trust::FileIdentity;
use wasmtime::component::{InstancePre as ComponentPre, Linker as ComponentLinker};
use wasmtime::{Engine, InstancePre as ModulePre, Linker as ModuleLinker};

/// How many programs stay loaded after their last guest has gone. They are maps of files: cheap, but not free.
const KEPT: usize = 256;

/// A compiled file that only needs a store to run in.
pub enum Program {
    /// A core module: WASI preview 1.
    Module(ModulePre<GuestState>),
    /// A component: WASI 0.2, or 0.3 where that runs.
    Component(ComponentPre<GuestState>),
}

impl Program {
    /// The engine it runs in.
    pub fn engine(&self) -> &Engine {
        match self {
            Program::Module(module) => module.module().engine(),
            Program::Component(component) => component.engine(),
        }
    }
}

/// Everything a program of either kind may import.
struct Linkers {
    module: ModuleLinker<GuestState>,
    /// For modules that find sockets open.
    with_sockets: ModuleLinker<GuestState>,
    /// For each engine.
    component: Vec<ComponentLinker<GuestState>>,
}

struct Kept {
    program: Arc<Program>,
    used: u64,
}

/// The loaded programs of the engines of a process, the least recently used leaving first.
pub struct Programs {
    engines: Vec<Engine>,
    linkers: Linkers,
    kept: Mutex<(HashMap<FileIdentity, Kept>, u64)>,
    pool: OnceLock<Option<Pool>>,
    epochs: Arc<Epochs>,
    ticker: Arc<Ticker>,
}

impl Programs {
    /// An empty set for `engines`, with WASI to link against. Modules are for the first of them.
    ///
    /// # Errors
    /// When the WASI functions cannot be defined, or there is no engine.
    pub fn new(engines: Vec<Engine>) -> wasmtime::Result<Self> {
        let Some(first) = engines.first() else {
            wasmtime::bail!("no engine");
        };
        let linkers = Linkers {
            module: linker::of_modules(first)?,
            with_sockets: linker::of_modules_with_sockets(first)?,
            component: engines
                .iter()
                .map(linker::of_components)
                .collect::<wasmtime::Result<_>>()?,
        };
        let epochs = Arc::new(Epochs::new(engines.clone()));
        Ok(Self {
            ticker: Ticker::start(epochs.clone())?,
            epochs,
            pool: OnceLock::new(),
            engines,
            linkers,
            kept: Mutex::new((HashMap::new(), 0)),
        })
    }

    /// The engines the programs run in.
    pub fn engines(&self) -> &[Engine] {
        &self.engines
    }

    /// What has running guests come to their checks.
    pub fn epochs(&self) -> &Arc<Epochs> {
        &self.epochs
    }

    /// Who has the instances of services make way for each other.
    pub fn ticker(&self) -> &Arc<Ticker> {
        &self.ticker
    }

    /// The program of a compiled file.
    ///
    /// # Errors
    /// When the file is not there, not ours, damaged, of another engine, or imports what nobody provides.
    pub fn load(&self, path: &Path) -> Answer<Arc<Program>> {
        let name = path.display();
        let (file, identity) = trust::open(path)?;
        if let Some(program) = self.recall(identity) {
            return Ok(program);
        }
        let (compiled, linker) = self.read(&file).refusing(format_args!("load compiled module {name}"))?;
        let program = self
            .link(&compiled, linker)
            .refusing(format_args!("link compiled module {name}"))?;
        Ok(self.keep(identity, Arc::new(program)))
    }

    /// The component of a compiled file, with instances out of a pool; none if they do not fit into one.
    ///
    /// # Errors
    /// When the file is not ours.
    pub fn load_pooled(&self, path: &Path) -> Answer<Option<ComponentPre<GuestState>>> {
        let pool = self.pool.get_or_init(|| {
            let pool = Pool::new().ok()?;
            self.epochs.add(pool.engine().clone());
            Some(pool)
        });
        pool.as_ref().map_or(Ok(None), |pool| pool.load(path))
    }

    /// The same module for a guest that finds sockets open.
    ///
    /// # Errors
    /// When it is a component.
    pub fn with_sockets(&self, program: &Program) -> Answer<Arc<Program>> {
        let Program::Module(module) = program else {
            let why =
                "the program is a component, which opens its sockets itself; only a preview 1 module finds them open";
            return Err(Refusal::invalid(format!("listen: {why}")));
        };
        let linked = self.linkers.with_sockets.instantiate_pre(module.module());
        linked
            .map(|module| Arc::new(Program::Module(module)))
            .naming("link a module that has sockets")
    }

    /// Loads a file into the engine it was compiled for: others refuse it. What links its components is beside it.
    fn read(&self, file: &File) -> wasmtime::Result<(Compiled, &ComponentLinker<GuestState>)> {
        let each = self.engines.iter().zip(&self.linkers.component);
        let mut read = each.map(|(engine, linker)| Ok((deserialize(engine, file)?, linker)));
        let first = read.next().unwrap_or_else(|| wasmtime::bail!("no engine"));
        first.or_else(|e| read.find(Result::is_ok).unwrap_or(Err(e)))
    }

    fn link(&self, compiled: &Compiled, linker: &ComponentLinker<GuestState>) -> wasmtime::Result<Program> {
        Ok(match compiled {
            Compiled::Module(module) => Program::Module(self.linkers.module.instantiate_pre(module)?),
            Compiled::Component(component) => Program::Component(linker.instantiate_pre(component)?),
        })
    }

    fn recall(&self, identity: FileIdentity) -> Option<Arc<Program>> {
        let mut guard = self.kept.lock().unwrap();
        let (programs, clock) = &mut *guard;
        *clock += 1;
        let kept = programs.get_mut(&identity)?;
        kept.used = *clock;
        Some(kept.program.clone())
    }

    fn keep(&self, identity: FileIdentity, program: Arc<Program>) -> Arc<Program> {
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
