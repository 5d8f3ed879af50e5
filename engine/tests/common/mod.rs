//! A `serve` process of the test's own, its client, and guests written by hand.
#![allow(dead_code)]

use krustlet_engine::proto::engine as wire;
use krustlet_engine::proto::engine_ttrpc::EngineClient;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use ttrpc::r#async::Client;
use ttrpc::context::{Context, with_duration};

pub const ENGINE: &str = env!("CARGO_BIN_EXE_krustlet-engine");
const PATIENCE: Duration = Duration::from_secs(20);

pub fn patience() -> Context {
    with_duration(PATIENCE)
}

/// A directory that goes with its owner.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("krustlet-engine-test-{}-{n}", std::process::id()));
        fs::create_dir_all(path.join("root")).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn fifo(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        mkfifo(&path);
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn mkfifo(path: &Path) {
    let name = std::ffi::CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: a C string that outlives the call.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o666) }, 0);
}

/// A reader of a fifo that never waits for a writer to open it.
pub fn open_reader(path: &Path) -> fs::File {
    let both = fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let reader = fs::File::open(path).unwrap();
    drop(both);
    reader
}

pub fn open_nonblocking(path: &Path) -> fs::File {
    fs::OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)
        .unwrap()
}

/// Everything that can be read from a non-blocking fifo, or the first MiB of it, in bytes.
pub fn drain(reader: &mut fs::File) -> usize {
    let mut buffer = [0; 65536];
    let mut all = 0;
    while let Ok(n @ 1..) = reader.read(&mut buffer) {
        all += n;
        if all > 1 << 20 {
            break;
        }
    }
    all
}

/// Waits for something that must become true.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < PATIENCE, "waited in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// The same for what only a call can tell.
pub async fn until_async(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !holds().await {
        assert!(begin.elapsed() < PATIENCE, "waited in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

pub fn compile(wasm: &[u8]) -> std::process::Output {
    compile_with(wasm, &[])
}

/// The same by an engine with switches.
pub fn compile_with(wasm: &[u8], switches: &[&str]) -> std::process::Output {
    let mut child = Command::new(ENGINE)
        .arg("compile")
        .args(switches)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A refused module may not be read to its end.
    let _ = stdin.write_all(wasm);
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// A command component around a preview 1 module; the adapter turns its calls into those of WASI 0.2.
pub fn componentized(module: &[u8]) -> Vec<u8> {
    use wasi_preview1_component_adapter_provider as adapter;
    wit_component::ComponentEncoder::default()
        .module(module)
        .unwrap()
        .adapter(
            adapter::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME,
            adapter::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
        )
        .unwrap()
        .encode()
        .unwrap()
}

/// What tests that hold for both kinds of program make of a module in text format.
pub const KINDS: [fn(&str) -> Vec<u8>; 2] = [
    |text| text.as_bytes().to_vec(),
    |text| componentized(&wat::parse_str(text).unwrap()),
];

/// Compiles a module or component, binary or text, into a file of `scratch`.
pub fn compiled(scratch: &Scratch, name: &str, program: impl AsRef<[u8]>) -> PathBuf {
    compiled_with(scratch, name, program, &[])
}

/// The same by an engine with switches.
pub fn compiled_with(scratch: &Scratch, name: &str, program: impl AsRef<[u8]>, switches: &[&str]) -> PathBuf {
    let output = compile_with(program.as_ref(), switches);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = scratch.path(&format!("{name}.cwasm"));
    fs::write(&path, output.stdout).unwrap();
    path
}

/// A `serve` process.
pub struct Serve {
    pub child: Child,
    pub client: EngineClient,
    pub scratch: Scratch,
    switches: &'static [&'static str],
    next: AtomicU32,
}

impl Serve {
    pub async fn start() -> Self {
        Self::switched(&[]).await
    }

    /// The same with switches.
    pub async fn switched(switches: &'static [&'static str]) -> Self {
        let scratch = Scratch::new();
        let socket = scratch.path("engine.sock");
        let mut child = Command::new(ENGINE)
            .arg("serve")
            .arg("--socket")
            .arg(&socket)
            .args(switches)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "ready\n");
        let client = Client::connect(&format!("unix://{}", socket.display())).await.unwrap();
        Self {
            child,
            client: EngineClient::new(client),
            scratch,
            switches,
            next: AtomicU32::new(0),
        }
    }

    /// Compiles a program for it.
    pub fn compiled(&self, name: &str, program: impl AsRef<[u8]>) -> PathBuf {
        compiled_with(&self.scratch, name, program, self.switches)
    }

    /// A request to run a program in the scratch's root.
    pub fn request(&self, program: impl AsRef<[u8]>) -> wire::CreateRequest {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let mut request = wire::CreateRequest::new();
        request.id = format!("g{n}");
        request.compiled_path = display(&self.compiled(&request.id, program));
        request.args = vec!["guest".to_owned()];
        request.root_path = display(&self.scratch.path("root"));
        request.stdio.mut_or_insert_default();
        request.limits.mut_or_insert_default();
        request
    }

    /// Gives the request a file for stdout and one for stderr.
    pub fn with_files(&self, request: &mut wire::CreateRequest) -> (PathBuf, PathBuf) {
        let out = self.scratch.path(&format!("{}.out", request.id));
        let err = self.scratch.path(&format!("{}.err", request.id));
        let stdio = request.stdio.mut_or_insert_default();
        stdio.stdout = display(&out);
        stdio.stderr = display(&err);
        (out, err)
    }

    pub async fn create(&self, request: &wire::CreateRequest) -> ttrpc::Result<u32> {
        self.client.create(patience(), request).await.map(|r| r.pid)
    }

    pub async fn start_guest(&self, id: &str) -> ttrpc::Result<()> {
        let mut request = wire::StartRequest::new();
        request.id = id.to_owned();
        self.client.start(patience(), &request).await.map(drop)
    }

    pub async fn launch(&self, request: &wire::CreateRequest) -> u32 {
        let pid = self.create(request).await.unwrap();
        self.start_guest(&request.id).await.unwrap();
        pid
    }

    pub async fn signal(&self, id: &str, signal: u32) -> ttrpc::Result<()> {
        let mut request = wire::SignalRequest::new();
        request.id = id.to_owned();
        request.signal = signal;
        self.client.signal(patience(), &request).await.map(drop)
    }

    pub async fn pause(&self, id: &str) {
        let mut request = wire::PauseRequest::new();
        request.id = id.to_owned();
        self.client.pause(patience(), &request).await.unwrap();
    }

    pub async fn resume(&self, id: &str) {
        let mut request = wire::ResumeRequest::new();
        request.id = id.to_owned();
        self.client.resume(patience(), &request).await.unwrap();
    }

    pub async fn close_io(&self, id: &str) {
        let mut request = wire::CloseIORequest::new();
        request.id = id.to_owned();
        self.client.close_io(patience(), &request).await.unwrap();
    }

    pub async fn stats(&self, id: &str) -> wire::StatsResponse {
        let mut request = wire::StatsRequest::new();
        request.id = id.to_owned();
        self.client.stats(patience(), &request).await.unwrap()
    }

    /// CPU time of the guest's container in nanoseconds.
    pub async fn cpu_time(&self, id: &str) -> u64 {
        let stats = self.stats(id).await;
        stats.cpu_user_ns + stats.cpu_system_ns
    }

    /// Asserts that the container uses no CPU time, but for the way to its bed: a thread that is parked looks once
    /// more whenever something about it changes.
    pub async fn assert_rests(&self, id: &str) {
        let before = self.cpu_time(id).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        let used = self.cpu_time(id).await - before;
        assert!(used < 2_000_000, "used {used} ns of CPU time in 50 ms");
    }

    pub async fn delete(&self, id: &str) -> ttrpc::Result<()> {
        let mut request = wire::DeleteRequest::new();
        request.id = id.to_owned();
        self.client.delete(patience(), &request).await.map(drop)
    }

    pub async fn next_exit(&self) -> wire::NextExitResponse {
        self.client
            .next_exit(patience(), &wire::NextExitRequest::new())
            .await
            .unwrap()
    }

    /// Runs the guest to its end and forgets it.
    pub async fn finish(&self, request: &wire::CreateRequest) -> wire::NextExitResponse {
        self.launch(request).await;
        let exit = self.next_exit().await;
        assert_eq!(exit.id, request.id);
        self.delete(&request.id).await.unwrap();
        exit
    }

    /// Ends the running guest with a signal and returns its exit.
    pub async fn end(&self, id: &str, signal: u32) -> wire::NextExitResponse {
        self.signal(id, signal).await.unwrap();
        let exit = self.next_exit().await;
        assert_eq!(exit.id, id);
        exit
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A named network namespace that goes with its owner.
pub struct Namespace(pub String);

impl Namespace {
    pub fn new() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("krustlet-test-{}-{n}", std::process::id());
        let made = Command::new("ip").args(["netns", "add", &name]).status();
        made.is_ok_and(|s| s.success()).then_some(Self(name))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "delete", &self.0]).status();
    }
}

pub fn display(path: &Path) -> String {
    path.display().to_string()
}

pub fn code_of(error: ttrpc::Error) -> ttrpc::Code {
    match error {
        ttrpc::Error::RpcStatus(status) => status.code(),
        other => panic!("not a status: {other}"),
    }
}

pub fn is_root() -> bool {
    let root = krustlet_engine::ffi::fd::own_uid() == 0;
    if !root {
        eprintln!("skipped: needs root");
    }
    root
}

/// A module that imports all of preview 1 that the guests here use; `body` is `_start`, `more` other fields.
pub fn guest(more: &str, body: &str) -> String {
    format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open" (func $path_open
    (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 2)
  ;; Writes `len` bytes from `at` to `fd`.
  (func $put (param $fd i32) (param $at i32) (param $len i32)
    (i32.store (i32.const 65520) (local.get $at))
    (i32.store (i32.const 65524) (local.get $len))
    (drop (call $fd_write (local.get $fd) (i32.const 65520) (i32.const 1) (i32.const 65528))))
  ;; Opens `len` bytes of path at `at` below descriptor `dir`; the answer is the error.
  (func $open (param $dir i32) (param $at i32) (param $len i32) (param $oflags i32) (result i32)
    (call $path_open (local.get $dir) (i32.const 1) (local.get $at) (local.get $len) (local.get $oflags)
      (i64.const 0x42) (i64.const 0x42) (i32.const 0) (i32.const 65532)))
  {more}
  (func $main (export "_start") {body}))"#
    )
}
