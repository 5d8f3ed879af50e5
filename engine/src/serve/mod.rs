//! `serve`: many guests in one process, driven by the daemon over a private Unix socket.

pub mod guests;
pub mod service;

use crate::account::cpu::HURRY;
use crate::confine;
use crate::ffi;
use crate::ffi::identity as kernel;
use crate::ffi::limits::Limit;
use crate::guest::host::Host;
use crate::program::Programs;
use crate::proto::engine_ttrpc::create_engine;
use crate::refusal::{Answer, Naming};
use crate::wasmtime_engine::{Wasi3, engines};
use futures::stream;
use service::EngineService;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use tokio::net::{UnixListener, UnixStream};
use ttrpc::r#async::Server;
use ttrpc::r#async::transport::Listener;

const UMASK: u32 = 0o022;
const SOCKET_MODE: u32 = 0o600;
const MALLOC_ARENAS: i32 = 2;

/// What the engine needs at most: another user, group and network for a guest's thread, its nice value, and the
/// capabilities about files that a guest may be given.
const NEEDED: kernel::Capabilities = 1 << kernel::CAP_CHOWN
    | 1 << kernel::CAP_DAC_OVERRIDE
    | 1 << kernel::CAP_FOWNER
    | 1 << kernel::CAP_FSETID
    | 1 << kernel::CAP_SETGID
    | 1 << kernel::CAP_SETUID
    | 1 << kernel::CAP_SYS_ADMIN
    | 1 << kernel::CAP_SYS_NICE;

/// What the threads of guests may raise, if their spec has it, and the engine's own have no use of.
const FOR_GUESTS: kernel::Capabilities = 1 << kernel::CAP_NET_BIND_SERVICE;

/// Serves on `socket` until standard input ends.
///
/// # Errors
/// When the process cannot be set up or the socket cannot be bound.
pub fn serve(socket: &Path, wasi3: Wasi3) -> Answer<()> {
    confine()?;
    let engines = engines(wasi3).naming("start Wasmtime")?;
    let programs = Programs::new(engines).naming("define WASI")?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .naming("make the runtime")?
        .block_on(listen(socket, programs))
}

/// Before there are other threads: what is set here, all of them inherit.
fn confine() -> Answer<()> {
    ffi::limits::bound_malloc_arenas(MALLOC_ARENAS);
    ffi::limits::set_umask(UMASK);
    ffi::limits::raise(Limit::Files).naming("raise the limit of open files")?;
    // Without the right to it the engine queues with its guests, which is slower and nothing else.
    let _ = ffi::thread::set_nice(ffi::thread::own_id(), HURRY);
    ffi::thread::install_wake_signal().naming("install the wake signal")?;
    let (_, permitted) = kernel::capabilities().naming("read own capabilities")?;
    if permitted & 1 << kernel::CAP_SETPCAP != 0 {
        kernel::bound_capabilities(0).naming("bound capabilities")?;
    }
    let (effective, held) = (permitted & NEEDED, permitted & (NEEDED | FOR_GUESTS));
    kernel::hold_capabilities(effective, held).naming("reduce capabilities")?;
    confine::engine()
}

async fn listen(socket: &Path, programs: Programs) -> Answer<()> {
    let name = socket.display();
    let listener = UnixListener::bind(socket).naming(format_args!("listen on {name}"))?;
    fs::set_permissions(socket, fs::Permissions::from_mode(SOCKET_MODE)).naming(format_args!("protect {name}"))?;
    let service = Arc::new(EngineService::new(Host::new(programs)?));
    let mut server = Server::new()
        .add_listener(Listener::new(own_peers(listener)))
        .register_service(create_engine(service));
    server.start().await.naming(format_args!("serve on {name}"))?;
    end_with_daemon(socket)?;
    let mut stdout = std::io::stdout();
    stdout
        .write_all(b"ready\n")
        .and_then(|()| stdout.flush())
        .naming("report readiness")?;
    std::future::pending().await
}

/// The connections of processes with this user; others are closed unheard.
fn own_peers(listener: UnixListener) -> impl futures::Stream<Item = std::io::Result<UnixStream>> + Send {
    stream::unfold(listener, |listener| async move {
        loop {
            let accepted = listener.accept().await;
            match accepted.and_then(|(peer, _)| Ok((peer.peer_cred()?.uid(), peer))) {
                Ok((uid, peer)) if uid == ffi::fd::own_uid() => return Some((Ok(peer), listener)),
                Ok((uid, _)) => eprintln!("refused a connection of user {uid}"),
                Err(e) => {
                    eprintln!("accept a connection: {e}");
                    // Out of descriptors, most likely: trying again at once would only spin.
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            }
        }
    })
}

/// The daemon holds the other end of standard input: when that closes, however it died, so do we.
fn end_with_daemon(socket: &Path) -> Answer<()> {
    let socket = socket.to_owned();
    thread::Builder::new()
        .name("daemon-watch".to_owned())
        .spawn(move || {
            let mut byte = [0];
            while matches!(std::io::stdin().read(&mut byte), Ok(n) if n > 0) {}
            let _ = fs::remove_file(&socket);
            ffi::thread::leave(0);
        })
        .map(drop)
        .naming("watch standard input")
}
