//! The instances of one thread of a service: fresh ones, and those that may answer once more.

use super::shared::Shared;
use crate::account::cpu::meter::Meter;
use crate::account::memory::MemoryShare;
use crate::control::exit::Exit;
use crate::control::thread::GuestThread;
use crate::refusal::Answer;
use crate::stdio::Output;
use crate::wasi::GuestState;
use std::cell::RefCell;
use std::sync::Arc;
use wasmtime::{Engine, PoolConcurrencyLimitError, Store, UpdateDeadline};
use wasmtime_wasi_http::handler::{Proxy, ProxyPre};

/// Instances that wait for another request; more are not worth their memory.
const IDLE: usize = 16;

/// Gives back what an instance had of the container's memory, after the instance.
struct InstanceMemory(Arc<MemoryShare>);

impl Drop for InstanceMemory {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// A component's instance with all it has.
pub(super) struct Instance {
    /// Its handler.
    pub(super) proxy: Proxy,
    /// Its memories, and what it may reach.
    pub(super) store: Store<GuestState>,
    /// Where it writes.
    outputs: [Output; 2],
    share: InstanceMemory,
    /// The CPU time of the request it is at.
    pub(super) meter: Arc<Meter>,
    answered: u32,
}

impl Instance {
    /// Why it failed, for the log.
    pub(super) fn reason(&self, error: &wasmtime::Error) -> String {
        reason(error, &self.share)
    }

    /// Writes what it wrote without waiting for it: that is its output all the same.
    pub(super) async fn flush(&self) {
        for output in &self.outputs {
            let _ = output.finish().await;
        }
    }
}

/// Makes instances and keeps those that may answer once more.
pub(super) struct Instances {
    /// The service they are of.
    pub(super) service: Arc<Shared>,
    thread: GuestThread,
    idle: RefCell<Vec<Instance>>,
}

impl Instances {
    /// None yet, for this thread.
    pub(super) fn new(service: &Arc<Shared>, thread: &GuestThread) -> Self {
        Self {
            service: service.clone(),
            thread: thread.clone(),
            idle: RefCell::default(),
        }
    }

    /// One that has answered before and may again, or a fresh one; out of the pool unless that is full.
    ///
    /// # Errors
    /// With what the log should hear.
    pub(super) async fn take(&self) -> Result<Instance, String> {
        if let Some(instance) = self.idle.borrow_mut().pop() {
            instance.meter.restart();
            return Ok(instance);
        }
        let settings = &self.service.settings;
        let share = InstanceMemory(MemoryShare::bounded(self.service.memory.clone(), settings.memory));
        let mut full = String::new();
        for pre in &self.service.proxies {
            let meter = Meter::new(self.service.template.policy.time.cpu);
            let (mut store, outputs) = self.store(engine(pre), &share, &meter).map_err(|e| e.sentence)?;
            match meter.run(pre.instantiate_async(&mut store)).await {
                Err(e) if e.is::<PoolConcurrencyLimitError>() => full = e.to_string(),
                Err(e) => return Err(reason(&e, &share)),
                Ok(proxy) => {
                    return Ok(Instance {
                        proxy,
                        store,
                        outputs,
                        share,
                        meter,
                        answered: 0,
                    });
                }
            }
        }
        Err(full)
    }

    /// Takes back one that has answered without a failure.
    pub(super) fn give_back(&self, mut instance: Instance) {
        instance.answered += 1;
        let mut idle = self.idle.borrow_mut();
        if instance.answered < self.service.settings.per_instance && idle.len() < IDLE {
            idle.push(instance);
        }
    }

    fn store(
        &self,
        engine: &Engine,
        share: &InstanceMemory,
        meter: &Arc<Meter>,
    ) -> Answer<(Store<GuestState>, [Output; 2])> {
        let template = &self.service.template;
        let streams = template.streams.fork();
        let outputs = [streams.stdout.clone(), streams.stderr.clone()];
        let mut store = template.store(engine, &share.0, streams)?;
        store.set_epoch_deadline(1);
        let (thread, meter) = (self.thread.clone(), meter.clone());
        store.epoch_deadline_callback(move |_| {
            meter.check()?;
            Ok(match thread.checkpoint() {
                true => UpdateDeadline::Yield(1),
                false => UpdateDeadline::Interrupt,
            })
        });
        Ok((store, outputs))
    }
}

fn engine(pre: &ProxyPre<GuestState>) -> &Engine {
    match pre {
        ProxyPre::P2(pre) => pre.engine(),
        ProxyPre::P3(pre) => pre.engine(),
    }
}

fn reason(error: &wasmtime::Error, share: &InstanceMemory) -> String {
    match Exit::of_error(error, &share.0) {
        (_, Some(text)) => text.trim_start_matches("krustlet: ").trim_end().to_owned(),
        (exit, None) => format!("the guest ended with status {}", exit.status),
    }
}
