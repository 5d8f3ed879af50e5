//! What each store of a guest is made from.

use crate::account::limits::GuestLimiter;
use crate::account::memory::MemoryShare;
use crate::account::policy::GuestPolicy;
use crate::network::Network;
use crate::proto::engine as wire;
use crate::refusal::Answer;
use crate::stdio::{Output, Streams};
use crate::wasi::GuestState;
use crate::wasi::clocks::deterministic::Clock;
use crate::wasi::filesystem::mappings::{self, Mapping};
use crate::wasi::interfaces::Interfaces;
use crate::wasi::outgoing::Outgoing;
use crate::wasi::preview1::Preview1;
use crate::wasi::preview1::sockets::{Socket, Sockets, listen};
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::runtime::Runtime;
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtxBuilder, WasiView};
use wasmtime_wasi_http::WasiHttpCtx;

/// What there may be for each handle of what Wasmtime books for tasks, streams and futures: a stream is its two ends and
/// what lies between them, a call is a task with a thread.
const PARTS: usize = 8;

/// What works for a guest beside its own thread.
pub trait Threads: Send + Sync {
    /// One more thread that is the guest's.
    ///
    /// # Errors
    /// When the kernel has none.
    fn spawn(&self, name: String, work: Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>>;

    /// A runtime of the calling thread alone, with helpers that wait for files in its place.
    ///
    /// # Errors
    /// When the kernel has no descriptors for it.
    fn runtime(&self) -> io::Result<Runtime>;

    /// Whether the guest's thread has nothing else to do, and so waits for files itself.
    fn alone(&self) -> bool;

    /// Wakes helpers out of the kernel, where some wait for nobody any more. Of others, those that wait there for
    /// what may never come (a fifo's other end) find that they were interrupted.
    fn wake_helpers(&self);
}

/// What each store of a guest is made from.
pub struct Template {
    /// argv.
    pub args: Vec<String>,
    /// `NAME=value`.
    pub env: Vec<String>,
    /// What it sees of the file system.
    pub mappings: Vec<Mapping>,
    /// Working directory.
    pub cwd: String,
    /// The network of its pod, if it has one of its own.
    pub network: Option<Arc<Network>>,
    /// What sends its HTTP requests.
    pub outgoing: Outgoing,
    /// Descriptors and other things it may hold at once.
    pub handles: usize,
    /// How it is served, if it is a service.
    pub http: wire::Http,
    /// Starts threads that are the guest's too.
    pub threads: Arc<dyn Threads>,
    /// Its streams.
    pub streams: Streams,
    /// What stands behind its other interfaces.
    pub interfaces: Interfaces,
    /// What else it may do.
    pub policy: GuestPolicy,
    /// Sockets that it finds open.
    pub listeners: Vec<Arc<Socket>>,
}

impl Template {
    /// A store within its bounds; its memory is booked on `memory`.
    ///
    /// # Errors
    /// When a directory is not there.
    pub fn store(&self, engine: &Engine, memory: &Arc<MemoryShare>, streams: Streams) -> Answer<Store<GuestState>> {
        let mut store = Store::new(engine, self.state(memory, streams)?);
        store.limiter(|state| &mut state.limiter);
        if let Some(table) = store.concurrent_resource_table() {
            table.set_max_capacity(self.handles * PARTS);
        }
        Ok(store)
    }

    fn state(&self, memory: &Arc<MemoryShare>, streams: Streams) -> Answer<GuestState> {
        let mut wasi = WasiCtxBuilder::new();
        // Before the directories: each of them keeps it.
        wasi.allow_blocking_current_thread(self.threads.alone());
        self.give_words(&mut wasi)?;
        let covers = mappings::take_numbers(&mut wasi, &self.mappings, self.listeners.len())?;
        mappings::preopen(&mut wasi, &self.mappings, &self.cwd, &self.env)?;
        if let Some(network) = &self.network {
            network.offer(&mut wasi);
        }
        wasi.stdin(streams.stdin).stdout(streams.stdout).stderr(streams.stderr);
        let clock = self.policy.deterministic.then(|| Clock::give(&mut wasi));
        let mut preview1 = Preview1::new(wasi.build_p1(), clock, memory.clone());
        let table = preview1.wasi.ctx().table;
        table.set_max_capacity(self.handles);
        preview1.sockets = Sockets::open(&self.listeners, covers, table)?;
        Ok(GuestState {
            preview1,
            alone: self.threads.alone(),
            limiter: GuestLimiter::new(memory.clone(), self.policy.max_instances),
            http: WasiHttpCtx::new(),
            network: self.network.clone(),
            outgoing: self.outgoing.clone(),
            interfaces: self.interfaces.clone(),
        })
    }

    /// Its arguments and its environment.
    fn give_words(&self, wasi: &mut WasiCtxBuilder) -> Answer<()> {
        wasi.args(&self.args);
        for entry in &self.env {
            let (name, value) = entry.split_once('=').unwrap_or((entry, ""));
            wasi.env(name, value);
        }
        for (name, value) in listen::environment(&self.listeners, &self.env)? {
            wasi.env(name, value);
        }
        Ok(())
    }

    /// Where it complains, and others about it.
    pub fn stderr(&self) -> &Output {
        &self.streams.stderr
    }
}
