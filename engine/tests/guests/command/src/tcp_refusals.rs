//! `wasi:sockets/tcp`: what the network refuses.

use crate::check::Interface;
use crate::tcp::{loopback, port_of, settled};
use wasip2::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Network};
use wasip2::sockets::tcp::TcpSocket;
use wasip2::sockets::tcp_create_socket::create_tcp_socket;

const TCP: Interface = Interface("wasi:sockets/tcp");

pub fn checks(network: &Network) {
    let taken = create_tcp_socket(IpAddressFamily::Ipv4).unwrap();
    taken.start_bind(network, loopback(0)).unwrap();
    settled(&taken, TcpSocket::finish_bind).unwrap();
    let port = port_of(&taken.local_address()).unwrap();
    // Nobody listens there yet.
    let socket = create_tcp_socket(IpAddressFamily::Ipv4).unwrap();
    let refused = socket.start_connect(network, loopback(port));
    let refused = refused.and_then(|()| settled(&socket, TcpSocket::finish_connect).map(drop));
    check!(
        TCP,
        "[method]tcp-socket.finish-connect",
        refused == Err(ErrorCode::ConnectionRefused)
    );
    taken.start_listen().unwrap();
    settled(&taken, TcpSocket::finish_listen).unwrap();
    let socket = create_tcp_socket(IpAddressFamily::Ipv4).unwrap();
    let bound = socket
        .start_bind(network, loopback(port))
        .and_then(|()| settled(&socket, TcpSocket::finish_bind));
    check!(
        TCP,
        "[method]tcp-socket.start-bind",
        bound == Err(ErrorCode::AddressInUse)
    );
    // An address that this network does not have; of a range that is for documentation.
    let elsewhere = IpSocketAddress::Ipv4(Ipv4SocketAddress {
        port: 0,
        address: (192, 0, 2, 1),
    });
    let bound = socket
        .start_bind(network, elsewhere)
        .and_then(|()| settled(&socket, TcpSocket::finish_bind));
    check!(
        TCP,
        "[method]tcp-socket.start-bind",
        bound == Err(ErrorCode::AddressNotBindable)
    );
}
