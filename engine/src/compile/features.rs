//! What of WebAssembly beyond its first version a module needs, so that a policy can refuse it: the module is valid
//! with everything switched on, and not with that one feature switched off. Of a component its modules count.

use wasmparser::{Validator, WasmFeatures};

/// The features that a policy knows, each with those that are no use without it.
const FEATURES: [(&str, WasmFeatures); 6] = [
    (
        "threads",
        WasmFeatures::THREADS.union(WasmFeatures::SHARED_EVERYTHING_THREADS),
    ),
    (
        "gc",
        WasmFeatures::GC
            .union(WasmFeatures::FUNCTION_REFERENCES)
            .union(WasmFeatures::CUSTOM_DESCRIPTORS),
    ),
    (
        "exceptions",
        WasmFeatures::EXCEPTIONS
            .union(WasmFeatures::LEGACY_EXCEPTIONS)
            .union(WasmFeatures::STACK_SWITCHING),
    ),
    ("tail-calls", WasmFeatures::TAIL_CALL),
    ("memory64", WasmFeatures::MEMORY64.union(WasmFeatures::CM64)),
    ("simd", WasmFeatures::SIMD.union(WasmFeatures::RELAXED_SIMD)),
];

/// The names of the features that the module or component needs; all of them if it is not even valid with all.
pub fn needed(program: &[u8]) -> Vec<&'static str> {
    let needs = |(_, feature): &(&str, WasmFeatures)| !valid(program, WasmFeatures::all().difference(*feature));
    FEATURES.iter().filter(|f| needs(f)).map(|(name, _)| *name).collect()
}

fn valid(program: &[u8], features: WasmFeatures) -> bool {
    Validator::new_with_features(features).validate_all(program).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<&'static str> {
        needed(&wat::parse_str(text).unwrap())
    }

    #[test]
    fn a_module_needs_what_it_cannot_do_without() {
        let plain = "(module (memory 1) (table 1 funcref) (func (result i32 i32) i32.const 1 i32.const 2))";
        assert_eq!(of(plain), [""; 0]);
        assert_eq!(of("(module (memory 1 1 shared))"), ["threads"]);
        assert_eq!(of("(module (type (struct (field i32))))"), ["gc"]);
        assert_eq!(of("(module (func (param (ref func))))"), ["gc"]);
        assert_eq!(of("(module (tag))"), ["exceptions"]);
        assert_eq!(of("(module (func return_call 0))"), ["tail-calls"]);
        assert_eq!(of("(module (memory i64 1))"), ["memory64"]);
        assert_eq!(of("(module (func (drop (v128.const i64x2 0 0))))"), ["simd"]);
        let relaxed = "(func (param v128) (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 0))))";
        assert_eq!(of(&format!("(module (tag) {relaxed})")), ["exceptions", "simd"]);
    }

    #[test]
    fn modules_within_components_count() {
        assert_eq!(of("(component (core module (func return_call 0)))"), ["tail-calls"]);
        assert_eq!(of("(component (component (core module (tag))))"), ["exceptions"]);
        assert_eq!(of("(component)"), [""; 0]);
    }

    #[test]
    fn what_is_never_valid_may_need_anything() {
        assert_eq!(needed(b"\0asm\x01\0\0\0\xff").len(), FEATURES.len());
    }
}
