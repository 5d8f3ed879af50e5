//! A pod of the test's own: a network, servers in it, and containers that fetch.

use crate::common::{Namespace, Serve, display, guest, is_root};
use crate::dns::Zone;
use krustlet_engine::ffi;
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::Command;
use std::thread;

/// Where the name server is.
pub const DNS: &str = "127.0.0.53";
/// Addresses of the pod that are not the loopback's.
pub const WEB: &str = "10.77.0.1";
pub const OTHER: &str = "10.77.0.2";

/// How a guest ended.
#[derive(Debug)]
pub struct Ended {
    pub status: u32,
    pub out: String,
    pub err: String,
}

/// A network with a name server, and an engine whose guests are in it.
pub struct Pod {
    pub serve: Serve,
    pub zone: Zone,
    namespace: Namespace,
    program: String,
}

impl Pod {
    /// None where the test may not make networks.
    pub async fn new() -> Option<Self> {
        Self::of(Serve::start().await)
    }

    /// The same with an engine that is there.
    pub fn of(serve: Serve) -> Option<Self> {
        let namespace = is_root().then(Namespace::new).flatten()?;
        ip(&namespace, &["link", "set", "lo", "up"]);
        for address in [WEB, OTHER] {
            ip(&namespace, &["address", "add", &format!("{address}/32"), "dev", "lo"]);
        }
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/fetch/fetch.wasm");
        let program = display(&serve.compiled("fetch", fs::read(example).unwrap()));
        let pod = Self {
            serve,
            zone: Zone::default(),
            namespace,
            program,
        };
        let (zone, socket) = (pod.zone.clone(), pod.inside(|| UdpSocket::bind((DNS, 53)).unwrap()));
        thread::spawn(move || zone.serve(socket));
        pod.write(
            "etc/resolv.conf",
            &format!("search svc.test\nnameserver {DNS}\noptions timeout:2\n"),
        );
        pod.zone.set("web.test", WEB);
        Some(pod)
    }

    /// Configures the pod's network.
    pub fn ip(&self, args: &[&str]) {
        ip(&self.namespace, args);
    }

    /// Whether the pod's network has a link of that name.
    pub fn has_link(&self, name: &str) -> bool {
        let show = Command::new("ip")
            .args(["-n", &self.namespace.0, "link", "show", name])
            .output();
        show.unwrap().status.success()
    }

    /// Writes a file of the root, readable by everybody.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.serve.scratch.path("root").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Does something in the pod's network; sockets made there stay there.
    pub fn inside<T: Send + 'static>(&self, act: impl FnOnce() -> T + Send + 'static) -> T {
        let path = format!("/run/netns/{}", self.namespace.0);
        let thread = thread::spawn(move || {
            let network = ffi::fd::open(Path::new(&path), libc::O_RDONLY).unwrap();
            ffi::thread::enter_network(network.as_fd()).unwrap();
            act()
        });
        thread.join().unwrap()
    }

    /// Whether somebody listens there in the pod.
    pub fn connects(&self, port: u16) -> bool {
        self.inside(move || TcpStream::connect(("127.0.0.1", port)).is_ok())
    }

    /// A socket that listens in the pod, at all addresses.
    pub fn listen(&self, port: u16) -> TcpListener {
        self.inside(move || TcpListener::bind(("0.0.0.0", port)).unwrap())
    }

    /// Has each connection to `port` handled by a thread.
    pub fn answer(&self, port: u16, handle: fn(TcpStream)) {
        let listener = self.listen(port);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                thread::spawn(move || handle(stream));
            }
        });
    }

    /// A container that fetches, with files for what it writes.
    pub fn fetching(&self, args: &[&str], change: impl FnOnce(&mut wire::CreateRequest)) -> wire::CreateRequest {
        let mut request = self.serve.request(guest("", ""));
        request.compiled_path = self.program.clone();
        request.args = ["fetch"].iter().chain(args).map(|a| (*a).to_owned()).collect();
        self.place(&mut request);
        change(&mut request);
        request
    }

    /// Puts a guest into the pod.
    pub fn place(&self, request: &mut wire::CreateRequest) {
        request.network_namespace = format!("/run/netns/{}", self.namespace.0);
        let user = request.user.mut_or_insert_default();
        (user.uid, user.gid) = (1000, 1000);
        self.serve.with_files(request);
    }

    /// Fetches in a container of its own.
    pub async fn fetch_as(&self, args: &[&str], change: impl FnOnce(&mut wire::CreateRequest)) -> Ended {
        self.ended(&self.fetching(args, change)).await
    }

    /// Fetches in a container that may reach only what the rules say.
    pub async fn fetch_only(&self, rules: &[&str], url: &str) -> Ended {
        self.fetch_as(&[url], only(rules)).await
    }

    pub async fn fetch(&self, args: &[&str]) -> Ended {
        self.fetch_as(args, |_| {}).await
    }

    /// Runs a guest to its end.
    pub async fn ended(&self, request: &wire::CreateRequest) -> Ended {
        let exit = self.serve.finish(request).await;
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        Ended {
            status: exit.exit_status,
            out: text(&request.stdio.stdout),
            err: text(&request.stdio.stderr),
        }
    }
}

impl Ended {
    /// Asserts that it failed, and why.
    pub fn assert_failed(&self, why: &str) {
        assert_eq!(self.status, 1, "{self:?}");
        assert!(self.err.contains(why), "{why}: {self:?}");
    }

    /// Asserts that it fetched this.
    pub fn assert_fetched(&self, out: &str) {
        assert_eq!((self.status, self.out.as_str()), (0, out), "{self:?}");
    }
}

fn ip(namespace: &Namespace, args: &[&str]) {
    let done = Command::new("ip").args(["-n", &namespace.0]).args(args).status();
    assert!(done.unwrap().success(), "ip {args:?}");
}

/// The policy of a container that may reach only this.
pub fn only(outbound: &[&str]) -> impl FnOnce(&mut wire::CreateRequest) {
    let rules: Vec<String> = outbound.iter().map(|r| (*r).to_owned()).collect();
    move |request| {
        let network = request.policy.mut_or_insert_default().network.mut_or_insert_default();
        (network.outbound_restricted, network.outbound) = (true, rules);
    }
}

/// Reads the head of a request.
pub fn head(stream: &mut BufReader<TcpStream>) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).unwrap() == 0 {
            break;
        }
    }
    head
}

/// Says which request came and for which host.
pub fn hello(stream: TcpStream) {
    let mut stream = BufReader::new(stream);
    let head = head(&mut stream);
    let host = head.lines().find_map(|l| l.strip_prefix("host: ")).unwrap_or("nobody");
    let text = format!("{} for {host}", head.lines().next().unwrap_or_default());
    let length = text.len();
    write!(
        stream.get_mut(),
        "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{text}"
    )
    .unwrap();
}
