//! A call of one exported function: arguments and result are written in WAVE, the text format of component values.

use crate::refusal::{Answer, Refusal, one_line};
use crate::stdio::Output;
use crate::wasi::GuestState;
use wasmtime::component::types::ComponentFunc;
use wasmtime::component::wasm_wave;
use wasmtime::component::{ComponentExportIndex, Instance, Type, Val};
use wasmtime::{Result, Store};

/// Status of a function that returned the error of its `result`.
const STATUS_ERROR: u32 = 1;

/// A function and what it is called with.
pub struct Function {
    index: ComponentExportIndex,
    arguments: Vec<Val>,
    results: usize,
}

impl Function {
    /// Reads one argument for each parameter from what follows argv[0].
    ///
    /// # Errors
    /// When there are more or fewer of them, or one is not of its parameter's type.
    pub fn new(index: ComponentExportIndex, function: &ComponentFunc, args: &[String]) -> Answer<Self> {
        let given = args.get(1..).unwrap_or_default();
        let parameters: Vec<(&str, Type)> = function.params().collect();
        if given.len() != parameters.len() {
            let names: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
            return Err(Refusal::invalid(format!(
                "it takes {} arguments ({}), and {} were given",
                names.len(),
                names.join(", "),
                given.len()
            )));
        }
        let values = parameters.iter().zip(given).map(|((name, kind), text)| {
            value(kind, text).map_err(|why| Refusal::invalid(format!("argument {name}, `{text}`: {why}")))
        });
        Ok(Self {
            index,
            arguments: values.collect::<Answer<_>>()?,
            results: function.results().len(),
        })
    }

    /// Calls it, prints what it returns as a line, and tells the status: 1 for the error of a `result`.
    pub async fn call(&self, store: &mut Store<GuestState>, instance: &Instance, stdout: &Output) -> Result<u32> {
        let Some(function) = instance.get_func(&mut *store, self.index) else {
            wasmtime::bail!("the component does not export what it was linked with");
        };
        let mut results = vec![Val::Bool(false); self.results];
        function.call_async(&mut *store, &self.arguments, &mut results).await?;
        for result in &results {
            let line = wasm_wave::to_string(result)? + "\n";
            stdout.write_all(line.as_bytes()).await?;
        }
        let failed = results.iter().any(|r| matches!(r, Val::Result(Err(_))));
        Ok(if failed { STATUS_ERROR } else { 0 })
    }
}

/// A value of a type. A string needs no quotes unless it begins with one.
fn value(kind: &Type, text: &str) -> std::result::Result<Val, String> {
    match kind {
        Type::String if !text.starts_with('"') => Ok(Val::String(text.to_owned())),
        _ => wasm_wave::from_str(kind, text).map_err(|e| one_line(&e)),
    }
}
