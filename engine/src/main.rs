//! The command line of `krustlet-engine`.

use krustlet_engine::compile::{Bounds, compile};
use krustlet_engine::confine;
use krustlet_engine::hook::become_hook;
use krustlet_engine::refusal::{Kind, Refusal};
use krustlet_engine::run::flags as policy_flags;
use krustlet_engine::run::{Run, run};
use krustlet_engine::serve::serve;
use krustlet_engine::wasmtime_engine::{ENGINE_VERSION, WASMTIME_VERSION, Wasi3, engine_hash, engines};
use lexopt::prelude::*;
use std::path::PathBuf;
use std::process::ExitCode;

const EX_USAGE: u8 = 64;
const EX_DATAERR: u8 = 65;
const EX_SOFTWARE: u8 = 70;

const USAGE: &str = "\
usage: krustlet-engine serve --socket PATH [--wasi3]
       krustlet-engine run [--env NAME=VALUE]... [--dir HOST:GUEST[:ro]]... [--cwd DIR]
                           [--config-dir GUEST]... [--keyvalue REDIS] [--memory BYTES]
                           [--entrypoint NAME] [--wasi3] [POLICY]... COMPILED -- ARGV...
       krustlet-engine compile [--user UID:GID] [--cpu-seconds N] [--memory BYTES] [--output BYTES]
                               [--wasi3] < module > compiled
       krustlet-engine hook PROGRAM -- ARGV...
       krustlet-engine version [--wasi3]
";

enum Failure {
    Usage(lexopt::Error),
    Refused(Refusal),
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Failure::Usage(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure::Refused(refusal)
    }
}

fn main() -> ExitCode {
    report_panics_on_one_line();
    match command() {
        Ok(status) => ExitCode::from(status),
        Err(Failure::Usage(error)) => {
            eprint!("krustlet-engine: {error}\n{USAGE}{}", policy_flags::USAGE);
            ExitCode::from(EX_USAGE)
        }
        Err(Failure::Refused(refusal)) => {
            eprintln!("krustlet-engine: {refusal}");
            ExitCode::from(match refusal.kind {
                Kind::Invalid => EX_DATAERR,
                _ => EX_SOFTWARE,
            })
        }
    }
}

fn report_panics_on_one_line() {
    std::panic::set_hook(Box::new(|panic| {
        eprintln!("panic: {}", panic.to_string().replace('\n', " "));
    }));
}

fn command() -> Result<u8, Failure> {
    let mut args = lexopt::Parser::from_env();
    let name = match args.next()? {
        Some(Value(name)) => name.string()?,
        Some(Long("version")) => "version".to_owned(),
        Some(other) => return Err(other.unexpected().into()),
        None => return Err(Failure::Usage("a command is missing".into())),
    };
    match name.as_str() {
        "serve" => serve_command(args),
        "run" => run_command(args),
        "compile" => compile_command(args),
        "hook" => hook_command(args),
        "version" => version(args),
        _ => Err(Failure::Usage(format!("no command {name}").into())),
    }
}

fn serve_command(mut args: lexopt::Parser) -> Result<u8, Failure> {
    let (mut socket, mut wasi3) = (None, Wasi3::Off);
    while let Some(arg) = args.next()? {
        match arg {
            Long("socket") => socket = Some(PathBuf::from(args.value()?)),
            Long("wasi3") => wasi3 = Wasi3::On,
            other => return Err(other.unexpected().into()),
        }
    }
    let socket = socket.ok_or_else(|| Failure::Usage("--socket is missing".into()))?;
    serve(&socket, wasi3)?;
    Ok(0)
}

fn compile_command(mut args: lexopt::Parser) -> Result<u8, Failure> {
    let (mut bounds, mut wasi3) = (Bounds::default(), Wasi3::Off);
    while let Some(arg) = args.next()? {
        match arg {
            Long("user") => bounds.user = user(&args.value()?.string()?)?,
            Long("cpu-seconds") => bounds.cpu_seconds = args.value()?.parse()?,
            Long("memory") => bounds.memory = args.value()?.parse()?,
            Long("output") => bounds.output = args.value()?.parse()?,
            Long("wasi3") => wasi3 = Wasi3::On,
            other => return Err(other.unexpected().into()),
        }
    }
    confine::compiler()?;
    compile(bounds, wasi3)?;
    Ok(0)
}

fn hook_command(mut args: lexopt::Parser) -> Result<u8, Failure> {
    let (mut program, mut argv) = (None, Vec::new());
    while let Some(arg) = args.next()? {
        match arg {
            Value(path) if program.is_none() => program = Some(PathBuf::from(path)),
            Value(argument) => argv.push(argument),
            other => return Err(other.unexpected().into()),
        }
    }
    let program = program.ok_or_else(|| Failure::Usage("a program is missing".into()))?;
    Err(become_hook(&program, &argv).into())
}

fn user(text: &str) -> Result<(u32, u32), lexopt::Error> {
    text.split_once(':')
        .and_then(|(uid, gid)| Some((uid.parse().ok()?, gid.parse().ok()?)))
        .ok_or_else(|| format!("--user {text}: not UID:GID").into())
}

fn run_command(mut args: lexopt::Parser) -> Result<u8, Failure> {
    let mut wanted = Run::default();
    let mut compiled = None;
    while let Some(arg) = args.next()? {
        match arg {
            Long("env") => wanted.env.push(args.value()?.string()?),
            Long("dir") => wanted.dirs.push(directory(&args.value()?.string()?)?),
            Long("cwd") => wanted.cwd = args.value()?.string()?,
            Long("config-dir") => wanted.interfaces.config_directories.push(args.value()?.string()?),
            Long("keyvalue") => wanted.interfaces.keyvalue_address = args.value()?.string()?,
            Long("memory") => wanted.memory = args.value()?.parse()?,
            Long("entrypoint") => wanted.entrypoint = args.value()?.string()?,
            Long("wasi3") => wanted.wasi3 = Wasi3::On,
            Value(path) if compiled.is_none() => compiled = Some(PathBuf::from(path)),
            Value(argument) => wanted.args.push(argument.string()?),
            Long(name) => {
                let name = name.to_owned();
                if !policy_flags::take(&name, &mut args, &mut wanted.policy)? {
                    return Err(lexopt::Error::UnexpectedOption(format!("--{name}")).into());
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    wanted.compiled = compiled.ok_or_else(|| Failure::Usage("a compiled module is missing".into()))?;
    let status = run(&wanted)?;
    Ok(u8::try_from(status).unwrap_or(u8::MAX))
}

fn directory(text: &str) -> Result<(PathBuf, String, bool), lexopt::Error> {
    let (mapping, read_only) = match text.strip_suffix(":ro") {
        Some(mapping) => (mapping, true),
        None => (text, false),
    };
    match mapping.split_once(':') {
        Some((host, guest)) if !host.is_empty() && !guest.is_empty() => Ok((host.into(), guest.to_owned(), read_only)),
        _ => Err(format!("--dir {text}: not HOST:GUEST[:ro]").into()),
    }
}

fn version(mut args: lexopt::Parser) -> Result<u8, Failure> {
    let mut wasi3 = Wasi3::Off;
    while let Some(arg) = args.next()? {
        match arg {
            Long("wasi3") => wasi3 = Wasi3::On,
            other => return Err(other.unexpected().into()),
        }
    }
    let engines = engines(wasi3).map_err(|e| Refusal::internal(format!("start Wasmtime: {e:#}")))?;
    println!("engine_version={ENGINE_VERSION}");
    println!("wasmtime_version={WASMTIME_VERSION}");
    println!("engine_hash={}", engine_hash(&engines));
    Ok(0)
}
