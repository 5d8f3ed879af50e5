//! `run`: one guest on this process' own standard streams, as this process' own user.

pub mod flags;

use crate::account::cpu::CpuAccount;
use crate::account::limits::max_handles;
use crate::account::memory::{MemoryAccount, MemoryShare};
use crate::account::policy::{GuestPolicy, TimeBounds};
use crate::control::exit::Exit;
use crate::control::thread::GuestThread;
use crate::entry::Entry;
use crate::ffi;
use crate::guest::running::Prepared;
use crate::guest::threads::OwnThreads;
use crate::http::address::ListenAddress;
use crate::http::settings::Settings;
use crate::network::policy::NetworkPolicy;
use crate::program::Programs;
use crate::proto::engine as wire;
use crate::refusal::{Answer, Naming};
use crate::stdio::Streams;
use crate::template::{Template, Threads};
use crate::wasi::filesystem::mappings::Mapping;
use crate::wasi::interfaces::Interfaces;
use crate::wasi::interfaces::keyvalue::MemoryStore;
use crate::wasi::outgoing::Outgoing;
use crate::wasi::preview1::sockets::listen;
use crate::wasmtime_engine::epochs::Epochs;
use crate::wasmtime_engine::{Wasi3, engines};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use wasmtime_wasi::FsPerms;

/// Which of the container's guests it is: the only one.
const NUMBER: u32 = 0;
/// How long it may take to end once its time is over.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What to run and what it gets.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Made by `compile`.
    pub compiled: PathBuf,
    /// argv, with argv[0].
    pub args: Vec<String>,
    /// `NAME=value`.
    pub env: Vec<String>,
    /// Directory here, path there, read-only.
    pub dirs: Vec<(PathBuf, String, bool)>,
    /// Working directory of the guest.
    pub cwd: String,
    /// Bytes; 0 is no limit.
    pub memory: u64,
    /// What stands behind the interfaces of a component.
    pub interfaces: wire::Interfaces,
    /// What the guest may do.
    pub policy: wire::Policy,
    /// Function to call; empty is what the program is made for.
    pub entrypoint: String,
    /// Whether it may be of WASI 0.3.
    pub wasi3: Wasi3,
}

/// Runs the guest to its end and returns its status.
///
/// # Errors
/// When it cannot be started.
pub fn run(run: &Run) -> Answer<u32> {
    let programs = Programs::new(engines(run.wasi3).naming("start Wasmtime")?).naming("define WASI")?;
    let program = programs.load(&run.compiled)?;
    let entry = Entry::find(&program, &run.entrypoint, &run.args)?;
    let account = MemoryAccount::new(run.memory);
    let (buckets, memory) = (MemoryStore::new(account.clone()), MemoryShare::new(account));
    let cpu = Arc::<CpuAccount>::default();
    let threads = threads(run, &entry, &cpu)?;
    let runtime = threads.runtime().naming("make the runtime")?;
    // There is no network but what is listened at.
    let rules = NetworkPolicy::parse(&run.policy.network.clone().unwrap_or_default())?;
    let status = runtime.block_on(async {
        let template = template(run, mappings(run)?, &buckets, &rules, threads)?;
        if matches!(entry, Entry::Service) {
            rules.expect_listening("serve HTTP", ListenAddress::of(&template)?.port())?;
        }
        let prepared = Prepared::new((&run.compiled, program), entry, template, memory, &programs)?;
        let thread = GuestThread::first(&Arc::default(), &cpu);
        thread.cpu().threads.enter(NUMBER);
        watch(prepared.time(), &thread, programs.epochs().clone())?;
        let (exit, words) = prepared.run(&thread).await;
        if let Some((stderr, text)) = words {
            stderr.write_all(text.as_bytes()).await.naming("write to stderr")?;
        }
        Ok(exit.status)
    });
    // Helpers that the kernel keeps go with the process.
    runtime.shutdown_background();
    status
}

fn threads(run: &Run, entry: &Entry, cpu: &Arc<CpuAccount>) -> Answer<Arc<OwnThreads>> {
    let mut threads = OwnThreads::free(cpu, NUMBER);
    if matches!(entry, Entry::Service) {
        threads = threads.for_requests(Settings::of(&run.policy.http.clone().unwrap_or_default())?.requests);
    }
    Ok(Arc::new(threads))
}

fn template(
    run: &Run,
    mappings: Vec<Mapping>,
    buckets: &Arc<MemoryStore>,
    rules: &NetworkPolicy,
    threads: Arc<OwnThreads>,
) -> Answer<Template> {
    let streams = Streams::inherited()?;
    let log = streams.stderr.clone();
    let interfaces = Interfaces::new(&run.interfaces, &run.env, &mappings, buckets, log)?;
    Ok(Template {
        args: run.args.clone(),
        env: run.env.clone(),
        mappings,
        cwd: run.cwd.clone(),
        network: None,
        outgoing: Outgoing::Denied,
        http: run.policy.http.clone().unwrap_or_default(),
        threads,
        handles: max_handles(ffi::limits::descriptors()),
        streams,
        interfaces,
        policy: GuestPolicy::of(&run.policy),
        listeners: listen::bind(&run.policy.network.listen, rules)?,
    })
}

/// Ends the guest when it has met one of its bounds, and this process if the guest's thread does not come back then
/// from the kernel.
fn watch(bounds: TimeBounds, thread: &GuestThread, epochs: Arc<Epochs>) -> Answer<()> {
    if !bounds.any() {
        return Ok(());
    }
    let thread = thread.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .naming("make the clock's runtime")?;
    let body = move || {
        let expiry = runtime.block_on(bounds.met(|| thread.cpu().threads.total_of(NUMBER)));
        let (status, text) = (Exit::expired(&expiry).status, expiry.last_word());
        thread.control().expire(expiry);
        epochs.advance();
        std::thread::sleep(LAST_WORDS);
        eprint!("{text}");
        std::process::exit(i32::try_from(status).unwrap_or(i32::MAX));
    };
    let thread = std::thread::Builder::new().name("time-bounds".to_owned());
    thread
        .spawn(body)
        .map(drop)
        .naming("start the thread for bounds of time")
}

fn mappings(run: &Run) -> Answer<Vec<Mapping>> {
    let access = |read_only: bool| {
        if read_only {
            FsPerms::ReadOnly
        } else {
            FsPerms::ReadWrite
        }
    };
    run.dirs
        .iter()
        .map(|(host, guest, read_only)| Mapping::open(host, guest, access(*read_only)))
        .collect()
}
