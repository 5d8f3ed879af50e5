//! What is called in a program, and calling it.

mod exports;
mod function;

use crate::account::memory::MemoryShare;
use crate::program::Program;
use crate::refusal::{Answer, Refusal};
use crate::stdio::Output;
use crate::wasi::GuestState;
use exports::{Role, role};
pub use function::Function;
use wasmtime::component::{Component, ComponentExportIndex};
use wasmtime::{Instance, InstancePre, Module, Result, Store};

/// The function a command module starts at.
const DEFAULT: &str = "_start";
const INITIALIZE: &str = "_initialize";

/// What to call.
pub enum Entry {
    /// A function of a core module without parameters and results.
    Module(String),
    /// `wasi:cli/run` of a component.
    Run(ComponentExportIndex),
    /// The handler of `wasi:http` that a component has, for as many requests as come.
    Service,
    /// Another function of a component.
    Function(Function),
}

impl Entry {
    /// What to call in `program`: the export `name`, or what the program is made for if that is empty.
    ///
    /// # Errors
    /// When the program does not export it, or it cannot be called with these arguments.
    pub fn find(program: &Program, name: &str, args: &[String]) -> Answer<Self> {
        match program {
            Program::Module(pre) => of_module(pre.module(), name),
            Program::Component(pre) => of_component(pre.component(), name, args),
        }
    }
}

fn of_module(module: &Module, name: &str) -> Answer<Entry> {
    let name = if name.is_empty() { DEFAULT } else { name };
    let function = module.get_export(name).and_then(|e| e.func().cloned());
    match function {
        Some(f) if f.params().len() == 0 && f.results().len() == 0 => Ok(Entry::Module(name.to_owned())),
        Some(_) => Err(Refusal::invalid(format!(
            "entry point {name}: it takes arguments or returns values"
        ))),
        None => Err(Refusal::invalid(format!(
            "entry point {name}: the module exports no such function"
        ))),
    }
}

fn of_component(component: &Component, name: &str, args: &[String]) -> Answer<Entry> {
    Ok(match role(component, name)? {
        Role::Command(run) => Entry::Run(run),
        Role::Service => Entry::Service,
        Role::Function(index, function) => {
            let called = Function::new(index, &function, args);
            let named = |refusal| Refusal::invalid(format!("function {name}: {refusal}"));
            Entry::Function(called.map_err(named)?)
        }
    })
}

/// Instantiates the program and calls its entry. The answer is the status of a guest that ended by returning.
pub async fn call(
    store: &mut Store<GuestState>,
    program: &Program,
    entry: &Entry,
    memory: &MemoryShare,
    stdout: &Output,
) -> Result<u32> {
    match (program, entry) {
        (Program::Module(pre), Entry::Module(name)) => call_module(store, pre, name, memory).await,
        (Program::Component(pre), Entry::Run(run)) => {
            let instance = pre.instantiate_async(&mut *store).await?;
            let run = instance.get_typed_func::<(), (std::result::Result<(), ()>,)>(&mut *store, run)?;
            let (answer,) = run.call_async(&mut *store, ()).await?;
            Ok(answer.is_err().into())
        }
        (Program::Component(pre), Entry::Function(function)) => {
            let instance = pre.instantiate_async(&mut *store).await?;
            function.call(store, &instance, stdout).await
        }
        _ => wasmtime::bail!("an entry of another kind of program"),
    }
}

async fn call_module(
    store: &mut Store<GuestState>,
    program: &InstancePre<GuestState>,
    name: &str,
    share: &MemoryShare,
) -> Result<u32> {
    let instance = program.instantiate_async(&mut *store).await?;
    if let Some(memory) = instance.get_memory(&mut *store, "memory") {
        share.open(memory.data_ptr(&*store) as usize);
    }
    if name != DEFAULT {
        invoke(store, &instance, INITIALIZE, false).await?;
    }
    invoke(store, &instance, name, true).await?;
    Ok(0)
}

async fn invoke(store: &mut Store<GuestState>, instance: &Instance, name: &str, required: bool) -> Result<()> {
    match instance.get_func(&mut *store, name) {
        Some(function) => function.typed::<(), ()>(&*store)?.call_async(store, ()).await,
        None if required => wasmtime::bail!("the module exports no function {name}"),
        None => Ok(()),
    }
}
