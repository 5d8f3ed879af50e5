//! Running a prepared program to its end; the part that `run` and `serve` share.

use crate::account::memory::MemoryShare;
use crate::account::policy::TimeBounds;
use crate::control::exit::Exit;
use crate::control::thread::GuestThread;
use crate::entry::{self, Entry};
use crate::http::HttpService;
use crate::network::Network;
use crate::program::{Program, Programs};
use crate::refusal::Answer;
use crate::stdio::Output;
use crate::template::Template;
use crate::wasi::GuestState;
use std::path::Path;
use std::sync::Arc;
use wasmtime::{Store, UpdateDeadline};

/// What there is to do.
enum Work {
    /// To call a function.
    Call(Box<Store<GuestState>>, Entry),
    /// To answer requests.
    Serve(HttpService),
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
        let (time, network) = (template.policy.time, template.network.clone());
        // Of a service too, so that what it cannot have is told when it is made.
        let store = template.store(program.engine(), &memory, template.streams.clone())?;
        let work = match entry {
            Entry::Service => Work::Serve(service(path, &program, template, &memory, programs)?),
            entry => Work::Call(Box::new(store), entry),
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
    pub async fn run(mut self, thread: &GuestThread) -> (Exit, Option<(Output, String)>) {
        if let Work::Call(store, _) = &mut self.work {
            come_to_check(store, thread.clone());
        }
        let (stdout, stderr) = (&self.stdout, &self.stderr);
        let (work, program, memory) = (&mut self.work, &self.program, &self.memory);
        let ended = thread.run(async {
            let answer = match work {
                Work::Call(store, entry) => entry::call(store, program, entry, memory, stdout).await,
                Work::Serve(service) => service.run(thread).await,
            };
            // What the guest wrote without waiting for it is its output all the same.
            let _ = (stdout.finish().await, stderr.finish().await);
            answer
        });
        let ended = ended.await;
        self.memory.close();
        drop(self.work);
        self.memory.release();
        let (exit, text) = exit(ended, thread, &self.memory);
        (exit, text.map(|text| (self.stderr, text)))
    }
}

/// How a run ended that came to its end, or to that of a signal; and what the guest's stderr should hear about it.
fn exit(
    ended: Result<wasmtime::Result<u32>, u8>,
    thread: &GuestThread,
    memory: &MemoryShare,
) -> (Exit, Option<String>) {
    match (ended, thread.control().signal()) {
        (Ok(Ok(status)), _) => (Exit::code(status), None),
        (Err(n), _) | (Ok(Err(_)), Some(n)) => match thread.control().expiry() {
            Some(expiry) => (Exit::expired(&expiry), Some(expiry.last_word())),
            None => (Exit::signal(n), None),
        },
        (Ok(Err(error)), None) => Exit::of_error(&error, memory),
    }
}

fn service(
    path: &Path,
    program: &Program,
    template: Template,
    memory: &MemoryShare,
    programs: &Programs,
) -> Answer<HttpService> {
    let (account, ticker) = (memory.account().clone(), programs.ticker().clone());
    HttpService::new(program, || programs.load_pooled(path), template, account, ticker)
}

fn come_to_check(store: &mut Store<GuestState>, thread: GuestThread) {
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |_| {
        Ok(match thread.checkpoint() {
            true => UpdateDeadline::Continue(1),
            false => UpdateDeadline::Interrupt,
        })
    });
}
