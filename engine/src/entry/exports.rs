//! What there is to run in a component, found from its exports and not from its name.

use crate::refusal::{Answer, Refusal};
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, ComponentExportIndex};

/// The interfaces of a command, of whatever patch release.
const RUN: [&str; 2] = ["wasi:cli/run@0.2.", "wasi:cli/run@0.3."];
/// The interfaces of a service.
const HANDLER: [&str; 2] = ["wasi:http/incoming-handler@0.2.", "wasi:http/handler@0.3."];
const RUN_FUNCTION: &str = "run";
/// The name a caller may use for "what it does by itself", as with core modules.
const DEFAULT: &str = "_start";

/// A function that a component exports, alone or in an interface.
struct Export {
    interface: Option<String>,
    name: String,
    function: ComponentFunc,
}

impl Export {
    /// Its name, behind that of its interface.
    fn path(&self) -> String {
        match &self.interface {
            Some(interface) => format!("{interface}/{}", self.name),
            None => self.name.clone(),
        }
    }

    /// Whether it is in one of the interfaces, each named up to its patch release. Drafts are not: they match nothing.
    fn is_in(&self, interfaces: &[&str]) -> bool {
        let released = |patch: &str| patch.bytes().all(|c| c.is_ascii_digit());
        let own = self.interface.as_deref().unwrap_or_default();
        interfaces.iter().any(|i| own.strip_prefix(i).is_some_and(released))
    }

    /// Whether it answers to `wanted`: its name, or with its interface's, where the version may be left out.
    fn answers_to(&self, wanted: &str) -> bool {
        let Some((interface, name)) = wanted.rsplit_once('/') else {
            return self.name == wanted;
        };
        let versionless = |i: &String| i.split('@').next() == Some(interface);
        name == self.name
            && self
                .interface
                .as_ref()
                .is_some_and(|i| i == interface || versionless(i))
    }
}

fn exports(component: &Component) -> Vec<Export> {
    let engine = component.engine();
    let mut found = Vec::new();
    let mut add = |interface: Option<&str>, name: &str, function: ComponentFunc| {
        found.push(Export {
            interface: interface.map(str::to_owned),
            name: name.to_owned(),
            function,
        });
    };
    for (outer, item) in component.component_type().exports(engine) {
        match item.ty {
            ComponentItem::ComponentFunc(function) => add(None, outer, function),
            ComponentItem::ComponentInstance(instance) => {
                for (name, item) in instance.exports(engine) {
                    if let ComponentItem::ComponentFunc(function) = item.ty {
                        add(Some(outer), name, function);
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// What a component is run for.
pub enum Role {
    /// A command: its function `run`.
    Command(ComponentExportIndex),
    /// A service: its handler of requests.
    Service,
    /// A function that the caller names.
    Function(ComponentExportIndex, ComponentFunc),
}

/// What to run: the exported function `name`, or what the component's world says.
///
/// # Errors
/// When there is no such function or nothing to run.
pub fn role(component: &Component, name: &str) -> Answer<Role> {
    let exports = exports(component);
    let command = exports.iter().find(|e| e.name == RUN_FUNCTION && e.is_in(&RUN));
    let by_itself = name.is_empty() || name == DEFAULT;
    match command {
        Some(run) if by_itself => Ok(Role::Command(index(component, run)?)),
        None if by_itself && exports.iter().any(|e| e.is_in(&HANDLER)) => Ok(Role::Service),
        None if by_itself => Err(nothing_to_run(&exports)),
        _ => {
            let export = choose(&exports, name)?;
            Ok(Role::Function(index(component, export)?, export.function.clone()))
        }
    }
}

fn index(component: &Component, export: &Export) -> Answer<ComponentExportIndex> {
    let outer = match &export.interface {
        None => None,
        Some(interface) => component.get_export_index(None, interface.as_str()),
    };
    component
        .get_export_index(outer.as_ref(), export.name.as_str())
        .ok_or_else(|| Refusal::internal(format!("function {}: it is listed and not found", export.path())))
}

/// The function of the component itself before those of its interfaces, of which only one may have the name.
fn choose<'a>(exports: &'a [Export], name: &str) -> Answer<&'a Export> {
    let own = |e: &&Export| e.interface.is_none() && e.name == name;
    if let Some(export) = exports.iter().find(own) {
        return Ok(export);
    }
    let mut answering = exports.iter().filter(|e| e.answers_to(name));
    match (answering.next(), answering.next()) {
        (Some(export), None) => Ok(export),
        (Some(_), Some(_)) => Err(Refusal::invalid(format!(
            "function {name}: more than one interface has it; name one of {}",
            listed(exports.iter().filter(|e| e.answers_to(name)))
        ))),
        (None, _) => Err(Refusal::invalid(format!(
            "function {name}: the component exports no such function; it has {}",
            listed(exports.iter())
        ))),
    }
}

fn nothing_to_run(exports: &[Export]) -> Refusal {
    Refusal::invalid(format!(
        "the component is neither a command nor a service: it exports neither wasi:cli/run nor \
         wasi:http/incoming-handler of WASI 0.2 (in WASI 0.3 wasi:http/handler); it has {}",
        listed(exports.iter())
    ))
}

fn listed<'a>(exports: impl Iterator<Item = &'a Export>) -> String {
    let names: Vec<String> = exports.map(Export::path).collect();
    match names.len() {
        0 => "no functions".to_owned(),
        _ => names.join(", "),
    }
}
