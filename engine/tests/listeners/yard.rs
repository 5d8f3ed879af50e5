//! A pod's network, and guests whose every step says what it expects.

use crate::common::{Namespace, Serve, is_root};
use krustlet_engine::ffi;
use krustlet_engine::proto::engine as wire;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::process::Command;
use std::time::Duration;

pub const ADDRESS: &str = "127.0.0.1:7000";
const PATIENCE: Duration = Duration::from_secs(20);

/// An engine, and a network namespace with a loopback of its own.
pub struct Yard {
    pub serve: Serve,
    pub namespace: Namespace,
}

impl Yard {
    pub async fn open() -> Option<Self> {
        if !is_root() {
            return None;
        }
        let Some(namespace) = Namespace::new() else {
            eprintln!("skipped: cannot make a network namespace");
            return None;
        };
        let up = Command::new("ip")
            .args(["-n", &namespace.0, "link", "set", "lo", "up"])
            .status();
        assert!(up.unwrap().success());
        let serve = Serve::start().await;
        Some(Self { serve, namespace })
    }

    /// A request of a guest that finds sockets of these addresses.
    pub fn request(&self, program: impl AsRef<[u8]>, addresses: &[&str]) -> wire::CreateRequest {
        let mut request = self.serve.request(program);
        request.network_namespace = format!("/run/netns/{}", self.namespace.0);
        let policy = request.policy.mut_or_insert_default();
        policy.network.mut_or_insert_default().listen = addresses.iter().map(|a| (*a).to_owned()).collect();
        request
    }

    /// A connection to the guest's first socket.
    pub fn connect(&self) -> TcpStream {
        self.try_connect(ADDRESS).unwrap()
    }

    pub fn try_connect(&self, address: &str) -> io::Result<TcpStream> {
        let path = format!("/run/netns/{}", self.namespace.0);
        let address: SocketAddr = address.parse().unwrap();
        let inside = move || {
            let namespace = std::fs::File::open(path)?;
            ffi::thread::enter_network(namespace.as_fd())?;
            let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            Ok(stream)
        };
        std::thread::spawn(inside).join().unwrap()
    }

    /// Runs a guest whose status is 0 or the step that went wrong.
    pub async fn pass(&self, request: &wire::CreateRequest) {
        let exit = self.serve.finish(request).await;
        assert_eq!(
            exit.exit_status, 0,
            "the step that went wrong, of {}: {}",
            request.id, exit.cause
        );
    }

    /// The same of one whom a client waits for already.
    pub async fn pass_with_a_client(&self, request: &wire::CreateRequest) {
        self.serve.create(request).await.unwrap();
        let _client = self.connect();
        self.serve.start_guest(&request.id).await.unwrap();
        self.passed().await;
    }

    /// Waits for the end of a guest that has no step gone wrong.
    pub async fn passed(&self) {
        let exit = self.serve.next_exit().await;
        assert_eq!(exit.exit_status, 0, "{exit:?}");
    }
}

pub mod errno {
    pub const AGAIN: u32 = 6;
    pub const BADF: u32 = 8;
    pub const INVAL: u32 = 28;
    pub const MFILE: u32 = 33;
    pub const NODEV: u32 = 43;
    pub const NOTCONN: u32 = 53;
    pub const NOTDIR: u32 = 54;
    pub const NOTSOCK: u32 = 57;
    pub const NOTSUP: u32 = 58;
    pub const PIPE: u32 = 64;
    pub const SPIPE: u32 = 70;
    pub const NOTCAPABLE: u32 = 76;
}

/// Every function of preview 1 that the guests here use, with the types of its parameters.
const FUNCTIONS: &[(&str, &str)] = &[
    ("clock_time_get", "i32 i64 i32"),
    ("environ_get", "i32 i32"),
    ("environ_sizes_get", "i32 i32"),
    ("fd_advise", "i32 i64 i64 i32"),
    ("fd_allocate", "i32 i64 i64"),
    ("fd_close", "i32"),
    ("fd_datasync", "i32"),
    ("fd_fdstat_get", "i32 i32"),
    ("fd_fdstat_set_flags", "i32 i32"),
    ("fd_fdstat_set_rights", "i32 i64 i64"),
    ("fd_filestat_get", "i32 i32"),
    ("fd_filestat_set_size", "i32 i64"),
    ("fd_filestat_set_times", "i32 i64 i64 i32"),
    ("fd_pread", "i32 i32 i32 i64 i32"),
    ("fd_prestat_dir_name", "i32 i32 i32"),
    ("fd_prestat_get", "i32 i32"),
    ("fd_pwrite", "i32 i32 i32 i64 i32"),
    ("fd_read", "i32 i32 i32 i32"),
    ("fd_readdir", "i32 i32 i32 i64 i32"),
    ("fd_renumber", "i32 i32"),
    ("fd_seek", "i32 i64 i32 i32"),
    ("fd_sync", "i32"),
    ("fd_tell", "i32 i32"),
    ("fd_write", "i32 i32 i32 i32"),
    ("path_create_directory", "i32 i32 i32"),
    ("path_filestat_get", "i32 i32 i32 i32 i32"),
    ("path_filestat_set_times", "i32 i32 i32 i32 i64 i64 i32"),
    ("path_link", "i32 i32 i32 i32 i32 i32 i32"),
    ("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"),
    ("path_readlink", "i32 i32 i32 i32 i32 i32"),
    ("path_remove_directory", "i32 i32 i32"),
    ("path_rename", "i32 i32 i32 i32 i32 i32"),
    ("path_symlink", "i32 i32 i32 i32 i32"),
    ("path_unlink_file", "i32 i32 i32"),
    ("poll_oneoff", "i32 i32 i32 i32"),
    ("sock_accept", "i32 i32 i32"),
    ("sock_recv", "i32 i32 i32 i32 i32 i32"),
    ("sock_send", "i32 i32 i32 i32 i32"),
    ("sock_shutdown", "i32 i32"),
];

/// What a guest does, step after step. The first that does not answer what it should ends it with its number.
#[derive(Default)]
pub struct Steps {
    body: String,
    count: u32,
}

/// Where things are in a guest's memory.
pub const LIST: u32 = 64;
pub const SIZE: u32 = 96;
pub const RESULT: u32 = 128;
pub const SUBSCRIPTIONS: u32 = 1024;
pub const EVENTS: u32 = 8192;
pub const BYTES: u32 = 16384;
pub const TEXT: u32 = 32768;

impl Steps {
    /// Calls a function with constants and words of the guest's (`$accepted`), and expects this error.
    pub fn call(mut self, function: &str, arguments: &str, errno: u32) -> Self {
        let signature = FUNCTIONS.iter().find(|(name, _)| *name == function).unwrap().1;
        let given: Vec<_> = arguments.split(' ').collect();
        assert_eq!(given.len(), signature.split(' ').count(), "{function} {arguments}");
        let typed = |(kind, word): (&str, &&str)| match word.starts_with('$') {
            true => format!("(global.get {word})"),
            false => format!("({kind}.const {word})"),
        };
        let arguments: String = signature.split(' ').zip(&given).map(typed).collect();
        self.count += 1;
        self.body += &format!(
            "(call $expect (call ${function} {arguments}) (i32.const {errno}) (i32.const {}))\n",
            self.count
        );
        self
    }

    /// Does this as it stands.
    pub fn text(mut self, body: &str) -> Self {
        self.body += body;
        self
    }

    /// Does all of it again and again.
    pub fn again(mut self) -> Self {
        self.body = format!("(loop $again {} (br $again))", self.body);
        self
    }

    /// Expects a number in memory.
    pub fn finds(mut self, load: &str, at: u32, value: u32) -> Self {
        self.count += 1;
        self.body += &format!(
            "(call $expect ({load} (i32.const {at})) (i32.const {value}) (i32.const {}))\n",
            self.count
        );
        self
    }

    /// Puts a number into memory.
    pub fn put(mut self, store: &str, at: u32, value: &str) -> Self {
        let kind = if store.starts_with("i64") { "i64" } else { "i32" };
        self.body += &format!("({store} (i32.const {at}) ({kind}.const {value}))\n");
        self
    }

    /// Makes the list of buffers: where each is, and its size.
    pub fn buffers(self, buffers: &[(u32, u32)]) -> Self {
        let lay = |steps: Self, (n, (at, size)): (u32, &(u32, u32))| {
            steps
                .put("i32.store", LIST + 8 * n, &at.to_string())
                .put("i32.store", LIST + 8 * n + 4, &size.to_string())
        };
        (0..).zip(buffers).fold(self, lay)
    }

    /// Keeps the number at RESULT under a name.
    pub fn keep(mut self, word: &str) -> Self {
        self.body += &format!("(global.set {word} (i32.load (i32.const {RESULT})))\n");
        self
    }

    /// Accepts a connection of the socket and keeps its number.
    pub fn accept(self, listener: u32, word: &str) -> Self {
        self.call("sock_accept", &format!("{listener} 0 {RESULT}"), 0)
            .keep(word)
    }

    /// Writes bytes of TEXT to the descriptor and expects all to be taken.
    pub fn say(self, fd: &str, at: u32, size: u32) -> Self {
        self.buffers(&[(TEXT + at, size)])
            .call("fd_write", &format!("{fd} {LIST} 1 {SIZE}"), 0)
            .finds("i32.load", SIZE, size)
    }

    /// Reads what there is, and expects so many bytes of it, the first of which is this one.
    pub fn hear(self, fd: &str, size: u32, first: u8) -> Self {
        self.buffers(&[(BYTES, 1024)])
            .call("fd_read", &format!("{fd} {LIST} 1 {SIZE}"), 0)
            .finds("i32.load", SIZE, size)
            .finds("i32.load8_u", BYTES, first.into())
    }

    /// Subscribes: to a clock for so many nanoseconds, or to reading or writing a descriptor.
    pub fn subscribe(self, n: u32, tag: u32, what: &str) -> Self {
        let at = SUBSCRIPTIONS + 48 * n;
        let steps = self
            .put("i64.store", at, &(100 + n).to_string())
            .put("i32.store", at + 8, &tag.to_string());
        match tag {
            0 => steps
                .put("i32.store", at + 16, "1")
                .put("i64.store", at + 24, what)
                .put("i32.store", at + 40, "0"),
            _ if what.starts_with('$') => steps.store_word(at + 16, what),
            _ => steps.put("i32.store", at + 16, what),
        }
    }

    fn store_word(mut self, at: u32, word: &str) -> Self {
        self.body += &format!("(i32.store (i32.const {at}) (global.get {word}))\n");
        self
    }

    /// Polls and expects events of these subscriptions, in this order, each with its error and flags.
    pub fn poll(self, count: u32, expected: &[(u32, u32, u32)]) -> Self {
        let arguments = format!("{SUBSCRIPTIONS} {EVENTS} {count} {SIZE}");
        let polled = self
            .call("poll_oneoff", &arguments, 0)
            .finds("i32.load", SIZE, expected.len() as u32);
        let look = |steps: Self, (n, (place, error, flags)): (u32, &(u32, u32, u32))| {
            let at = EVENTS + 32 * n;
            steps
                .finds("i32.load", at, 100 + place)
                .finds("i32.load16_u", at + 8, *error)
                .finds("i32.load16_u", at + 24, *flags)
        };
        (0..).zip(expected).fold(polled, look)
    }

    /// The module, with bytes of TEXT.
    pub fn module(self, text: &str) -> String {
        let import = |(name, parameters): &(&str, &str)| {
            format!("(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} (param {parameters}) (result i32)))\n")
        };
        let imports: String = FUNCTIONS.iter().map(import).collect();
        format!(
            r#"(module {imports}
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const {TEXT}) "{text}")
  (global $a (mut i32) (i32.const -1)) (global $b (mut i32) (i32.const -1)) (global $c (mut i32) (i32.const -1))
  (func $expect (param $found i32) (param $wanted i32) (param $step i32)
    (if (i32.ne (local.get $found) (local.get $wanted))
      (then
        (i32.store (i32.const 0) (local.get $found))
        (call $proc_exit (local.get $step)))))
  (func (export "_start") {}))"#,
            self.body
        )
    }
}
