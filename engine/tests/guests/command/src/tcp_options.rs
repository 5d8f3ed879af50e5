//! `wasi:sockets/tcp`: options, which are what was set, or about that, and never 0.

use crate::check::Interface;
use crate::tcp::{loopback, settled};
use wasip2::sockets::network::{ErrorCode, IpAddressFamily, Network};
use wasip2::sockets::tcp::TcpSocket;
use wasip2::sockets::tcp_create_socket::create_tcp_socket;

const TCP: Interface = Interface("wasi:sockets/tcp");
const INVALID: Result<(), ErrorCode> = Err(ErrorCode::InvalidArgument);
const SECOND: u64 = 1_000_000_000;

pub fn checks(network: &Network) {
    let socket = create_tcp_socket(IpAddressFamily::Ipv4).unwrap();
    keep_alive(&socket);
    buffers(&socket);
    check!(
        TCP,
        "[method]tcp-socket.set-hop-limit",
        socket.set_hop_limit(0) == INVALID
    );
    check!(
        TCP,
        "[method]tcp-socket.set-hop-limit",
        socket.set_hop_limit(42) == Ok(())
    );
    check!(TCP, "[method]tcp-socket.hop-limit", socket.hop_limit() == Ok(42));
    check!(
        TCP,
        "[method]tcp-socket.set-listen-backlog-size",
        socket.set_listen_backlog_size(0) == INVALID
    );
    check!(
        TCP,
        "[method]tcp-socket.set-listen-backlog-size",
        socket.set_listen_backlog_size(16) == Ok(())
    );
    socket.start_bind(network, loopback(0)).unwrap();
    settled(&socket, TcpSocket::finish_bind).unwrap();
    socket.start_listen().unwrap();
    settled(&socket, TcpSocket::finish_listen).unwrap();
    check!(
        TCP,
        "[method]tcp-socket.set-listen-backlog-size",
        socket.set_listen_backlog_size(32) == Ok(())
    );
}

fn keep_alive(socket: &TcpSocket) {
    check!(
        TCP,
        "[method]tcp-socket.keep-alive-enabled",
        socket.keep_alive_enabled() == Ok(false)
    );
    check!(
        TCP,
        "[method]tcp-socket.set-keep-alive-enabled",
        socket.set_keep_alive_enabled(true) == Ok(())
    );
    check!(
        TCP,
        "[method]tcp-socket.keep-alive-enabled",
        socket.keep_alive_enabled() == Ok(true)
    );
    check!(
        TCP,
        "[method]tcp-socket.set-keep-alive-idle-time",
        socket.set_keep_alive_idle_time(0) == INVALID
    );
    check!(
        TCP,
        "[method]tcp-socket.set-keep-alive-idle-time",
        socket.set_keep_alive_idle_time(7 * SECOND) == Ok(())
    );
    check!(
        TCP,
        "[method]tcp-socket.keep-alive-idle-time",
        socket.keep_alive_idle_time() == Ok(7 * SECOND)
    );
    check!(
        TCP,
        "[method]tcp-socket.set-keep-alive-interval",
        socket.set_keep_alive_interval(0) == INVALID
    );
    check!(
        TCP,
        "[method]tcp-socket.set-keep-alive-interval",
        socket.set_keep_alive_interval(3 * SECOND) == Ok(())
    );
    check!(
        TCP,
        "[method]tcp-socket.keep-alive-interval",
        socket.keep_alive_interval() == Ok(3 * SECOND)
    );
    check!(
        TCP,
        "[method]tcp-socket.set-keep-alive-count",
        socket.set_keep_alive_count(0) == INVALID
    );
    check!(
        TCP,
        "[method]tcp-socket.set-keep-alive-count",
        socket.set_keep_alive_count(5) == Ok(())
    );
    check!(
        TCP,
        "[method]tcp-socket.keep-alive-count",
        socket.keep_alive_count() == Ok(5)
    );
}

fn buffers(socket: &TcpSocket) {
    check!(
        TCP,
        "[method]tcp-socket.set-receive-buffer-size",
        socket.set_receive_buffer_size(0) == INVALID
    );
    check!(
        TCP,
        "[method]tcp-socket.set-receive-buffer-size",
        socket.set_receive_buffer_size(32768) == Ok(())
    );
    check!(
        TCP,
        "[method]tcp-socket.receive-buffer-size",
        socket.receive_buffer_size() == Ok(32768)
    );
    check!(
        TCP,
        "[method]tcp-socket.set-send-buffer-size",
        socket.set_send_buffer_size(0) == INVALID
    );
    check!(
        TCP,
        "[method]tcp-socket.set-send-buffer-size",
        socket.set_send_buffer_size(32768) == Ok(())
    );
    check!(
        TCP,
        "[method]tcp-socket.send-buffer-size",
        socket.send_buffer_size() == Ok(32768)
    );
}
