//! The functions of preview 1, as Wasmtime's linker has them.

use wasmtime::{Engine, ExternType, Linker, Store};
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::p1::{self, WasiP1Ctx};

const MODULE: &str = "wasi_snapshot_preview1";

/// One function.
pub struct Function {
    pub name: String,
    pub parameters: Vec<&'static str>,
    result: bool,
}

/// All there are.
pub struct Functions(Vec<Function>);

impl Functions {
    pub fn all() -> Self {
        let engine = Engine::default();
        let mut linker: Linker<WasiP1Ctx> = Linker::new(&engine);
        p1::add_to_linker_async(&mut linker, |state| state).unwrap();
        let mut store = Store::new(&engine, WasiCtxBuilder::new().build_p1());
        let definitions: Vec<_> = linker
            .iter(&mut store)
            .map(|(m, n, e)| (m.to_owned(), n.to_owned(), e))
            .collect();
        let mut functions: Vec<_> = definitions
            .into_iter()
            .filter(|(module, _, _)| module == MODULE)
            .map(|(_, name, definition)| function(name, definition.ty(&store)))
            .collect();
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        Self(functions)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|f| f.name.as_str())
    }

    pub fn of(&self, name: &str) -> &Function {
        let found = self.0.iter().find(|f| f.name == name);
        found.unwrap_or_else(|| panic!("preview 1 has no function {name}"))
    }

    /// Imports of all of them, in text format.
    pub fn imports(&self) -> String {
        self.0.iter().map(import).collect()
    }
}

fn function(name: String, kind: ExternType) -> Function {
    let ExternType::Func(kind) = kind else {
        panic!("{name} is not a function")
    };
    let parameters = kind.params().map(|p| if p.is_i64() { "i64" } else { "i32" }).collect();
    let result = kind.results().len() > 0;
    Function {
        name,
        parameters,
        result,
    }
}

fn import(function: &Function) -> String {
    let Function {
        name,
        parameters,
        result,
    } = function;
    let parameters = parameters.join(" ");
    let result = if *result { "(result i32)" } else { "" };
    format!("(import \"{MODULE}\" \"{name}\" (func ${name} (param {parameters}) {result}))\n")
}
