//! Running a prepared program to its end; the part that `run` and `serve` share.

use super::control::Control;
use super::cpu::CpuAccount;
use super::entry::{self, Entry};
use super::interfaces::Interfaces;
use super::limits::{GuestLimiter, max_handles};
use super::memory::MemoryShare;
use super::outcome::Exit;
use super::stdio::{Output, Streams};
use super::wasi::GuestState;
use crate::ffi;
use crate::program::Program;
use std::pin::pin;
use std::sync::Arc;
use std::task::Context;
use wasmtime::{Store, UpdateDeadline};
use wasmtime_wasi::{WasiCtxBuilder, WasiView};

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
    entry: Entry,
    stdout: Output,
    stderr: Output,
    memory: Arc<MemoryShare>,
}

impl Prepared {
    /// Puts the parts together. The streams become the guest's.
    pub fn new(
        program: Arc<Program>,
        entry: Entry,
        mut wasi: WasiCtxBuilder,
        streams: Streams,
        interfaces: Interfaces,
        memory: Arc<MemoryShare>,
    ) -> Self {
        let (stdout, stderr) = (streams.stdout.clone(), streams.stderr.clone());
        wasi.stdin(streams.stdin).stdout(streams.stdout).stderr(streams.stderr);
        let mut state = GuestState {
            wasi: wasi.build_p1(),
            limiter: GuestLimiter::new(memory.clone()),
            interfaces,
        };
        let handles = max_handles(ffi::limits::descriptors());
        state.wasi.ctx().table.set_max_capacity(handles);
        let mut store = Store::new(program.engine(), state);
        store.limiter(|state| &mut state.limiter);
        Self {
            program,
            store,
            entry,
            stdout,
            stderr,
            memory,
        }
    }

    /// Runs to the end, which may come from outside through `control`. The second value is what the guest's stderr
    /// should hear about it, and that stderr.
    pub async fn run(mut self, control: &Arc<Control>, cpu: &Arc<CpuAccount>) -> (Exit, Option<(Output, String)>) {
        self.come_to_check(control.clone(), cpu.clone());
        let ended = {
            let (stdout, stderr) = (&self.stdout, &self.stderr);
            let call = entry::call(&mut self.store, &self.program, &self.entry, &self.memory, stdout);
            let mut call = pin!(async {
                let answer = call.await;
                // What the guest wrote without waiting for it is its output all the same.
                let _ = (stdout.finish().await, stderr.finish().await);
                answer
            });
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
            (Ok(Ok(status)), _) => (Exit::code(status), None),
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
