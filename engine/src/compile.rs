//! `compile`: module bytes on standard input, machine code on standard output. Images bring the modules, so this
//! process gives up everything before it reads the first byte: files, user, capabilities, and endless time and memory.

use crate::ffi;
use crate::ffi::identity as kernel;
use crate::ffi::limits::Limit;
use crate::refusal::{Answer, Naming, Refusal, one_line};
use crate::wasmtime_engine::new_engine;
use std::io::{Read, Write};

/// What the compiler may use.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Whom it runs as when root starts it.
    pub user: (u32, u32),
    /// Seconds of CPU time.
    pub cpu_seconds: u64,
    /// Bytes of address space.
    pub memory: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            user: (65534, 65534),
            cpu_seconds: 300,
            memory: 4 << 30,
        }
    }
}

const NICE: i32 = 10;
const OPEN_FILES: u64 = 16;
const MAX_MODULE_BYTES: u64 = 512 << 20;
const MAGIC: &[u8; 4] = b"\0asm";
const CORE_VERSION: [u8; 4] = [1, 0, 0, 0];
/// The layer field: 1 for a component, whatever the draft's version beside it.
const COMPONENT_LAYER: [u8; 2] = [1, 0];

/// Compiles standard input to standard output.
///
/// # Errors
/// `Invalid` for a module that cannot be compiled, `Internal` for everything else.
pub fn compile(bounds: Bounds) -> Answer<()> {
    confine(bounds)?;
    let module = read_module()?;
    let engine = new_engine().naming("start the compiler")?;
    let code = engine
        .precompile_module(&module)
        .map_err(|e| Refusal::invalid(format!("the module cannot be compiled: {}", one_line(&e))))?;
    let mut stdout = std::io::stdout().lock();
    stdout
        .write_all(&code)
        .and_then(|()| stdout.flush())
        .naming("write the compiled code")
}

fn confine(bounds: Bounds) -> Answer<()> {
    kernel::no_new_privileges().naming("set no_new_privs")?;
    ffi::limits::set(Limit::AddressSpace, bounds.memory).naming("bound memory")?;
    ffi::limits::set(Limit::Cpu, bounds.cpu_seconds).naming("bound CPU time")?;
    ffi::limits::set(Limit::Core, 0).naming("forbid core files")?;
    ffi::limits::set(Limit::Files, OPEN_FILES).naming("bound open files")?;
    ffi::thread::set_nice(0, NICE).naming("lower the priority")?;
    if ffi::fd::own_uid() == 0 {
        let (uid, gid) = bounds.user;
        kernel::become_nobody(uid, gid).naming(format_args!("become user {uid}:{gid}"))?;
    }
    Ok(())
}

fn read_module() -> Answer<Vec<u8>> {
    let mut module = Vec::new();
    std::io::stdin()
        .lock()
        .take(MAX_MODULE_BYTES + 1)
        .read_to_end(&mut module)
        .naming("read the module")?;
    let module = binary(module)?;
    check(&module).map(|()| module)
}

/// The module in the binary format: text is translated here, where nothing can be lost.
fn binary(module: Vec<u8>) -> Answer<Vec<u8>> {
    if !module.trim_ascii_start().starts_with(b"(") {
        return Ok(module);
    }
    let text = String::from_utf8(module).map_err(|_| Refusal::invalid("a module in text format that is not UTF-8"))?;
    wat::parse_str(text).map_err(|e| Refusal::invalid(format!("the text cannot be parsed: {e}").replace('\n', " ")))
}

fn check(module: &[u8]) -> Answer<()> {
    let refuse = |why: &str| Err(Refusal::invalid(why));
    if module.len() as u64 > MAX_MODULE_BYTES {
        return refuse("the module is larger than 512 MiB");
    }
    if module.len() < 8 || !module.starts_with(MAGIC) {
        return refuse("not a WebAssembly module");
    }
    if module[6..8] == COMPONENT_LAYER {
        return refuse("a component: this engine runs WASI preview 1 core modules, not components yet");
    }
    if module[4..8] != CORE_VERSION {
        return refuse("a WebAssembly module of an unknown version");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_a_module_and_its_faults_are_told() {
        assert_eq!(binary(b" (module)".to_vec()).unwrap(), b"\0asm\x01\0\0\0");
        assert!(
            binary(b"(module (func)".to_vec())
                .unwrap_err()
                .sentence
                .contains("expected `)`")
        );
        assert!(binary(b"(\xff)".to_vec()).unwrap_err().sentence.contains("UTF-8"));
    }

    #[test]
    fn what_is_no_core_module_is_named() {
        let sentence = |bytes: &[u8]| check(bytes).unwrap_err().sentence;
        assert_eq!(check(b"\0asm\x01\0\0\0"), Ok(()));
        assert!(sentence(b"\0asm\x0d\0\x01\0").contains("component"));
        assert!(sentence(b"\0asm\x02\0\0\0").contains("version"));
        assert!(sentence(b"\x7fELF\x02\x01\x01\0").contains("not a WebAssembly"));
        assert!(sentence(b"").contains("not a WebAssembly"));
    }
}
