//! Which generation of WASI a component is made for, for those who ask before they compile it.

use crate::refusal::{Answer, Refusal};
use crate::wasmtime_engine::Wasi3;
use wasmparser::{Parser, Payload};

/// How the version of an interface of WASI 0.3 begins.
const WASI3: &str = "@0.3.";

/// Whether a program is a component of WASI 0.3: whether it imports or exports an interface of it.
///
/// # Errors
/// When it is and may not be; the sentence says how an operator has it run.
pub fn of(program: &[u8], allowed: Wasi3) -> Answer<Wasi3> {
    match (names(program).find(|name| is_wasi3(name)), allowed) {
        (None, _) => Ok(Wasi3::Off),
        (Some(_), Wasi3::On) => Ok(Wasi3::On),
        (Some(name), Wasi3::Off) => Err(Refusal::invalid(format!(
            "the component is made for WASI 0.3 ({name}), which is switched off here: wasi3 = true in the node's \
             config.toml switches it on, or --wasi3 of `krustlet run`"
        ))),
    }
}

fn is_wasi3(name: &str) -> bool {
    name.starts_with("wasi:") && name.contains(WASI3)
}

/// What the component itself imports and exports. It ends where the component cannot be read: the compiler says why.
fn names(program: &[u8]) -> impl Iterator<Item = String> {
    let mut depth = 0;
    let payloads = Parser::new(0).parse_all(program).map_while(Result::ok);
    payloads.flat_map(move |payload| match payload {
        Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
            depth += 1;
            Vec::new()
        }
        Payload::End(_) => {
            depth -= 1;
            Vec::new()
        }
        Payload::ComponentImportSection(imports) if depth == 0 => {
            imports.into_iter().flatten().map(|i| i.name.name.to_owned()).collect()
        }
        Payload::ComponentExportSection(exports) if depth == 0 => {
            exports.into_iter().flatten().map(|e| e.name.name.to_owned()).collect()
        }
        _ => Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<String> {
        let program = wat::parse_str(text).unwrap();
        let refused = of(&program, Wasi3::Off);
        assert_eq!(of(&program, Wasi3::On) == Ok(Wasi3::On), refused.is_err());
        refused.err().map(|refusal| refusal.sentence)
    }

    #[test]
    fn a_component_of_wasi_3_is_refused_with_the_way_to_run_it() {
        let sentence = refused(r#"(component (import "wasi:cli/stdout@0.3.0" (instance)))"#).unwrap();
        assert!(sentence.contains("(wasi:cli/stdout@0.3.0)"), "{sentence}");
        assert!(
            sentence.contains("wasi3 = true") && sentence.contains("--wasi3"),
            "{sentence}"
        );
        let serving = r#"(component (instance $i) (export "wasi:http/handler@0.3.1" (instance $i)))"#;
        assert!(refused(serving).is_some());
    }

    #[test]
    fn other_programs_are_not_of_wasi_3() {
        assert_eq!(refused("(module)"), None);
        assert_eq!(refused(r#"(component (import "wasi:cli/run@0.2.3" (instance)))"#), None);
        assert_eq!(
            refused(r#"(component (import "their:own/thing@0.3.0" (instance)))"#),
            None
        );
        let within = r#"(component (component (import "wasi:cli/run@0.3.0" (instance))))"#;
        assert_eq!(refused(within), None);
        assert_eq!(of(b"\0asm\x0d\0\x01\0\xff", Wasi3::Off), Ok(Wasi3::Off));
    }
}
