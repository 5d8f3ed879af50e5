//! Running a prepared program to its end; the part that `run` and `serve` share.

use crate::account::limits::GuestLimiter;
use crate::account::memory::MemoryShare;
use crate::account::policy::{Policy, TimeBounds};
use crate::control::exit::Exit;
use crate::control::thread::Turn;
use crate::entry::{self, Entry};
use crate::http::{Service, Spawn};
use crate::network::Network;
use crate::program::{Program, Programs};
use crate::proto::engine as wire;
use crate::refusal::Answer;
use crate::stdio::{Output, Streams};
use crate::wasi::GuestState;
use crate::wasi::clocks::deterministic::Clock;
use crate::wasi::filesystem::mappings::{self, Mapping};
use crate::wasi::interfaces::Interfaces;
use crate::wasi::outgoing::Outgoing;
use crate::wasi::preview1::directory::Listings;
use crate::wasi::preview1::sockets::{Socket, Sockets, listen};
use std::path::Path;
use std::sync::Arc;
use wasmtime::{Store, UpdateDeadline};
use wasmtime_wasi::{WasiCtxBuilder, WasiView};
use wasmtime_wasi_http::WasiHttpCtx;

/// What there may be for each handle of what Wasmtime books for tasks, streams and futures: a stream is its two ends and
/// what lies between them, a call is a task with a thread.
const PARTS: usize = 8;

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
    pub spawn: Spawn,
    /// Its streams.
    pub streams: Streams,
    /// What stands behind its other interfaces.
    pub interfaces: Interfaces,
    /// What else it may do.
    pub policy: Policy,
    /// Sockets that it finds open.
    pub listeners: Vec<Arc<Socket>>,
}

impl Template {
    /// What a store begins with; its memory is booked on `memory`.
    ///
    /// # Errors
    /// When a directory is not there.
    pub fn state(&self, memory: &Arc<MemoryShare>, streams: Streams) -> Answer<GuestState> {
        let mut wasi = WasiCtxBuilder::new();
        wasi.args(&self.args);
        for entry in &self.env {
            let (name, value) = entry.split_once('=').unwrap_or((entry, ""));
            wasi.env(name, value);
        }
        for (name, value) in listen::environment(&self.listeners, &self.env)? {
            wasi.env(name, value);
        }
        let covers = mappings::take_numbers(&mut wasi, &self.mappings, self.listeners.len())?;
        mappings::preopen(&mut wasi, &self.mappings, &self.cwd, &self.env)?;
        if let Some(network) = &self.network {
            network.offer(&mut wasi);
        }
        wasi.stdin(streams.stdin).stdout(streams.stdout).stderr(streams.stderr);
        let clock = self.policy.deterministic.then(|| Clock::give(&mut wasi));
        let mut state = GuestState {
            wasi: wasi.build_p1(),
            limiter: GuestLimiter::new(memory.clone(), self.policy.max_instances),
            clock,
            http: WasiHttpCtx::new(),
            network: self.network.clone(),
            outgoing: self.outgoing.clone(),
            interfaces: self.interfaces.clone(),
            sockets: Sockets::default(),
            listings: Listings::default(),
        };
        let table = state.wasi.ctx().table;
        table.set_max_capacity(self.handles);
        state.sockets = Sockets::open(&self.listeners, covers, table)?;
        Ok(state)
    }

    /// Where it complains, and others about it.
    pub fn stderr(&self) -> &Output {
        &self.streams.stderr
    }
}

/// What there is to do.
enum Work {
    /// To call a function.
    Call(Box<Store<GuestState>>, Entry),
    /// To answer requests.
    Serve(Service),
}

/// A program with everything it needs, not yet instantiated.
pub struct Prepared {
    program: Arc<Program>,
    work: Work,
    stdout: Output,
    stderr: Output,
    memory: Arc<MemoryShare>,
    time: TimeBounds,
    network: Option<Arc<Network>>,
}

impl Prepared {
    /// Puts the parts together.
    ///
    /// # Errors
    /// When a directory is not there, or a service cannot be one.
    pub fn new(
        (path, program): (&Path, Arc<Program>),
        entry: Entry,
        template: Template,
        memory: Arc<MemoryShare>,
        programs: &Programs,
    ) -> Answer<Self> {
        let program = match template.listeners.is_empty() {
            true => program,
            false => programs.with_sockets(&program)?,
        };
        let (stdout, stderr) = (template.streams.stdout.clone(), template.streams.stderr.clone());
        let state = template.state(&memory, template.streams.clone())?;
        let (time, network) = (template.policy.time, template.network.clone());
        let work = match entry {
            Entry::Service => {
                let account = memory.account().clone();
                Work::Serve(Service::new(
                    &program,
                    || programs.load_pooled(path),
                    template,
                    account,
                    programs.ticker().clone(),
                )?)
            }
            entry => {
                let mut store = Store::new(program.engine(), state);
                bound(&mut store, template.handles);
                Work::Call(Box::new(store), entry)
            }
        };
        Ok(Self {
            program,
            work,
            stdout,
            stderr,
            memory,
            time,
            network,
        })
    }

    /// The last thing before the guest runs, as its user.
    pub fn settle(&self) {
        if let Some(network) = &self.network {
            network.settle();
        }
    }

    /// How long it may take as a whole; a service may go on and on.
    pub fn time(&self) -> TimeBounds {
        match self.work {
            Work::Call(..) => self.time,
            Work::Serve(_) => TimeBounds::default(),
        }
    }

    /// Runs to the end, which may come from outside. The second value is what the guest's stderr
    /// should hear about it, and that stderr.
    pub async fn run(mut self, turn: &Turn) -> (Exit, Option<(Output, String)>) {
        if let Work::Call(store, _) = &mut self.work {
            come_to_check(store, turn.clone());
        }
        let (stdout, stderr) = (&self.stdout, &self.stderr);
        let (work, program, memory) = (&mut self.work, &self.program, &self.memory);
        let ended = turn.run(async {
            let answer = match work {
                Work::Call(store, entry) => entry::call(store, program, entry, memory, stdout).await,
                Work::Serve(service) => service.run(turn).await,
            };
            // What the guest wrote without waiting for it is its output all the same.
            let _ = (stdout.finish().await, stderr.finish().await);
            answer
        });
        let ended = ended.await;
        self.memory.close();
        drop(self.work);
        self.memory.release();
        match (ended, turn.control().signal()) {
            (Ok(Ok(status)), _) => (Exit::code(status), None),
            (Err(n), _) | (Ok(Err(_)), Some(n)) => match turn.control().expiry() {
                Some(expiry) => (Exit::expired(&expiry), Some((self.stderr, expiry.last_word()))),
                None => (Exit::signal(n), None),
            },
            (Ok(Err(error)), None) => {
                let (exit, text) = Exit::of_error(&error, &self.memory);
                (exit, text.map(|t| (self.stderr, t)))
            }
        }
    }
}

/// What a store's guest may have of memory, of instances, and of tasks, streams and futures.
pub fn bound(store: &mut Store<GuestState>, handles: usize) {
    store.limiter(|state| &mut state.limiter);
    if let Some(table) = store.concurrent_resource_table() {
        table.set_max_capacity(handles * PARTS);
    }
}

fn come_to_check(store: &mut Store<GuestState>, turn: Turn) {
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |_| {
        Ok(match turn.checkpoint() {
            true => UpdateDeadline::Continue(1),
            false => UpdateDeadline::Interrupt,
        })
    });
}
