//! Running a prepared program to its end; the part that `run` and `serve` share.

use super::control::Control;
use super::cpu::CpuAccount;
use super::limits::{GuestLimiter, max_handles};
use super::memory::MemoryShare;
use super::outcome::Exit;
use super::stdio::{Output, Streams};
use super::wasi::GuestState;
use crate::ffi;
use crate::program::Program;
use crate::refusal::{Answer, Refusal};
use std::pin::pin;
use std::sync::Arc;
use std::task::Context;
use wasmtime::{Instance, Module, Store, UpdateDeadline};
use wasmtime_wasi::{WasiCtxBuilder, WasiView};

/// The function a command module starts at.
pub const DEFAULT_ENTRYPOINT: &str = "_start";
const INITIALIZE: &str = "_initialize";

/// The function to call.
///
/// # Errors
/// When the module does not export it, or it takes arguments.
pub fn entrypoint(module: &Module, name: &str) -> Answer<String> {
    let name = if name.is_empty() { DEFAULT_ENTRYPOINT } else { name };
    let function = module.get_export(name).and_then(|e| e.func().cloned());
    match function {
        Some(f) if f.params().len() == 0 && f.results().len() == 0 => Ok(name.to_owned()),
        Some(_) => Err(Refusal::invalid(format!(
            "entry point {name}: it takes arguments or returns values"
        ))),
        None => Err(Refusal::invalid(format!(
            "entry point {name}: the module exports no such function"
        ))),
    }
}

/// Arguments and environment (`NAME=value`) of the guest.
pub fn describe(wasi: &mut WasiCtxBuilder, args: &[String], env: &[String]) {
    wasi.args(args);
    for entry in env {
        let (name, value) = entry.split_once('=').unwrap_or((entry, ""));
        wasi.env(name, value);
    }
}

/// A program with everything it needs, not yet instantiated.
pub struct Prepared {
    program: Arc<Program>,
    store: Store<GuestState>,
    entrypoint: String,
    stderr: Output,
    memory: Arc<MemoryShare>,
}

impl Prepared {
    /// Puts the parts together. The streams become the guest's.
    pub fn new(
        program: Arc<Program>,
        entrypoint: String,
        mut wasi: WasiCtxBuilder,
        streams: Streams,
        memory: Arc<MemoryShare>,
    ) -> Self {
        let stderr = streams.stderr.clone();
        wasi.stdin(streams.stdin).stdout(streams.stdout).stderr(streams.stderr);
        let mut state = GuestState {
            wasi: wasi.build_p1(),
            limiter: GuestLimiter::new(memory.clone()),
        };
        let handles = max_handles(ffi::limits::descriptors());
        state.wasi.ctx().table.set_max_capacity(handles);
        let mut store = Store::new(program.module().engine(), state);
        store.limiter(|state| &mut state.limiter);
        Self {
            program,
            store,
            entrypoint,
            stderr,
            memory,
        }
    }

    /// Runs to the end, which may come from outside through `control`. The second value is what the guest's stderr
    /// should hear about it, and that stderr.
    pub async fn run(mut self, control: &Arc<Control>, cpu: &Arc<CpuAccount>) -> (Exit, Option<(Output, String)>) {
        self.come_to_check(control.clone(), cpu.clone());
        let ended = {
            let mut call = pin!(call(&mut self.store, &self.program, &self.entrypoint, &self.memory));
            let mut slice = |context: &mut Context<'_>| {
                cpu.begin();
                let answer = call.as_mut().poll(context);
                cpu.rest();
                answer
            };
            std::future::poll_fn(|context| control.poll(context, &mut slice)).await
        };
        self.memory.close();
        drop(self.store);
        self.memory.release();
        match (ended, control.signal()) {
            (Ok(Ok(())), _) => (Exit::code(0), None),
            (Err(n), _) | (Ok(Err(_)), Some(n)) => (Exit::signal(n), None),
            (Ok(Err(error)), None) => {
                let (exit, text) = Exit::of_error(&error, &self.memory);
                (exit, text.map(|t| (self.stderr, t)))
            }
        }
    }

    fn come_to_check(&mut self, control: Arc<Control>, cpu: Arc<CpuAccount>) {
        self.store.set_epoch_deadline(1);
        self.store.epoch_deadline_callback(move |_| {
            Ok(match control.checkpoint(&cpu) {
                true => UpdateDeadline::Continue(1),
                false => UpdateDeadline::Interrupt,
            })
        });
    }
}

async fn call(
    store: &mut Store<GuestState>,
    program: &Program,
    entrypoint: &str,
    share: &MemoryShare,
) -> wasmtime::Result<()> {
    let instance = program.instantiate_async(&mut *store).await?;
    if let Some(memory) = instance.get_memory(&mut *store, "memory") {
        share.open(memory.data_ptr(&*store) as usize);
    }
    if entrypoint != DEFAULT_ENTRYPOINT {
        invoke(store, &instance, INITIALIZE, false).await?;
    }
    invoke(store, &instance, entrypoint, true).await
}

async fn invoke(
    store: &mut Store<GuestState>,
    instance: &Instance,
    name: &str,
    required: bool,
) -> wasmtime::Result<()> {
    match instance.get_func(&mut *store, name) {
        Some(function) => function.typed::<(), ()>(&*store)?.call_async(store, ()).await,
        None if required => wasmtime::bail!("the module exports no function {name}"),
        None => Ok(()),
    }
}
