//! `compile`: module bytes on standard input, machine code on standard output. Images bring the modules, so this
//! process gives up everything before it reads the first byte: files, user, capabilities, and endless time and memory.

pub mod features;
pub mod generation;

use crate::ffi;
use crate::ffi::identity as kernel;
use crate::ffi::limits::Limit;
use crate::refusal::{Answer, Naming, Refusal, one_line};
use crate::wasmtime_engine::{Wasi3, new_engine};
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
    /// Bytes of machine code.
    pub output: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            user: (65534, 65534),
            cpu_seconds: 300,
            memory: 4 << 30,
            output: 1 << 30,
        }
    }
}

const NICE: i32 = 10;
const OPEN_FILES: u64 = 16;
const MAX_MODULE_BYTES: u64 = 512 << 20;
const MAGIC: &[u8; 4] = b"\0asm";
const CORE_VERSION: [u8; 4] = [1, 0, 0, 0];
/// The version of components and, behind it, the layer that tells them from core modules.
const COMPONENT_VERSION: [u8; 4] = [0x0d, 0, 1, 0];

/// Compiles standard input to standard output, and says on standard error which features of WebAssembly it needs.
///
/// # Errors
/// `Invalid` for a module that cannot be compiled, `Internal` for everything else.
pub fn compile(bounds: Bounds, wasi3: Wasi3) -> Answer<()> {
    confine(bounds)?;
    let module = read_module()?;
    let engine = new_engine(generation::of(&module, wasi3)?).naming("start the compiler")?;
    let code = match Kind::of(&module)? {
        Kind::Module => engine.precompile_module(&module),
        Kind::Component => engine.precompile_component(&module),
    }
    .map_err(|e| Refusal::invalid(format!("the module cannot be compiled: {}", one_line(&e))))?;
    // To the daemon, which keeps it with the code and holds it against the policy of each container.
    let needed = features::needed(&module).join(",");
    write(&code, bounds.output)?;
    eprintln!("features={needed}");
    Ok(())
}

/// Whoever takes the code may be a pipe, which the kernel's limit on files does not count for.
fn write(code: &[u8], most: u64) -> Answer<()> {
    if code.len() as u64 > most {
        let bytes = code.len();
        return Err(Refusal::invalid(format!(
            "the module would have {bytes} bytes of machine code; {most} are allowed"
        )));
    }
    let mut stdout = std::io::stdout().lock();
    stdout
        .write_all(code)
        .and_then(|()| stdout.flush())
        .naming("write the compiled code")
}

fn confine(bounds: Bounds) -> Answer<()> {
    kernel::no_new_privileges().naming("set no_new_privs")?;
    ffi::limits::set(Limit::AddressSpace, bounds.memory).naming("bound memory")?;
    ffi::limits::set(Limit::Cpu, bounds.cpu_seconds).naming("bound CPU time")?;
    ffi::limits::set(Limit::Core, 0).naming("forbid core files")?;
    ffi::limits::set(Limit::Files, OPEN_FILES).naming("bound open files")?;
    ffi::limits::set(Limit::FileSize, bounds.output).naming("bound the size of the code")?;
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
    if module.len() as u64 > MAX_MODULE_BYTES {
        return Err(Refusal::invalid("the module is larger than 512 MiB"));
    }
    binary(module)
}

/// The module in the binary format: text is translated here, where nothing can be lost.
fn binary(module: Vec<u8>) -> Answer<Vec<u8>> {
    if !module.trim_ascii_start().starts_with(b"(") {
        return Ok(module);
    }
    let text = String::from_utf8(module).map_err(|_| Refusal::invalid("a module in text format that is not UTF-8"))?;
    wat::parse_str(text).map_err(|e| Refusal::invalid(format!("the text cannot be parsed: {e}").replace('\n', " ")))
}

/// What the first bytes say a file is.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Module,
    Component,
}

impl Kind {
    fn of(module: &[u8]) -> Answer<Self> {
        let refuse = |why: &str| Err(Refusal::invalid(why));
        if module.len() < 8 || !module.starts_with(MAGIC) {
            return refuse("not a WebAssembly module");
        }
        match module[4..8].try_into() {
            Ok(CORE_VERSION) => Ok(Kind::Module),
            Ok(COMPONENT_VERSION) => Ok(Kind::Component),
            _ => refuse("a WebAssembly module or component of an unknown version"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_a_module_and_its_faults_are_told() {
        assert_eq!(binary(b" (module)".to_vec()).unwrap(), b"\0asm\x01\0\0\0");
        assert_eq!(binary(b"(component)".to_vec()).unwrap(), b"\0asm\x0d\0\x01\0");
        assert!(
            binary(b"(module (func)".to_vec())
                .unwrap_err()
                .sentence
                .contains("expected `)`")
        );
        assert!(binary(b"(\xff)".to_vec()).unwrap_err().sentence.contains("UTF-8"));
    }

    #[test]
    fn the_kind_is_what_the_first_bytes_say() {
        let sentence = |bytes: &[u8]| Kind::of(bytes).unwrap_err().sentence;
        assert_eq!(Kind::of(b"\0asm\x01\0\0\0"), Ok(Kind::Module));
        assert_eq!(Kind::of(b"\0asm\x0d\0\x01\0"), Ok(Kind::Component));
        assert!(sentence(b"\0asm\x0c\0\x01\0").contains("version"));
        assert!(sentence(b"\0asm\x02\0\0\0").contains("version"));
        assert!(sentence(b"\x7fELF\x02\x01\x01\0").contains("not a WebAssembly"));
        assert!(sentence(b"").contains("not a WebAssembly"));
    }
}
