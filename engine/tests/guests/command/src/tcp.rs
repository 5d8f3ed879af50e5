//! `wasi:sockets`: TCP between two sockets of the same program, over the loopback of its network.

use crate::check::Interface;
use crate::{tcp_options, tcp_refusals};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::network::{
    ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress, Network,
};
use wasip2::sockets::tcp::{ShutdownType, TcpSocket};
use wasip2::sockets::tcp_create_socket::create_tcp_socket;

const TCP: Interface = Interface("wasi:sockets/tcp");

/// An address of the loopback; port 0 is any.
pub fn loopback(port: u16) -> IpSocketAddress {
    IpSocketAddress::Ipv4(Ipv4SocketAddress {
        port,
        address: (127, 0, 0, 1),
    })
}

/// The same of the other family.
pub fn loopback6(port: u16) -> IpSocketAddress {
    IpSocketAddress::Ipv6(Ipv6SocketAddress {
        port,
        flow_info: 0,
        address: (0, 0, 0, 0, 0, 0, 0, 1),
        scope_id: 0,
    })
}

/// The port of an IPv4 address of the loopback.
pub fn port_of(address: &Result<IpSocketAddress, ErrorCode>) -> Option<u16> {
    match address {
        Ok(IpSocketAddress::Ipv4(address)) if address.address == (127, 0, 0, 1) => Some(address.port),
        _ => None,
    }
}

/// Asks until the answer is another one than that it would wait.
pub fn settled<T>(socket: &TcpSocket, mut ask: impl FnMut(&TcpSocket) -> Result<T, ErrorCode>) -> Result<T, ErrorCode> {
    loop {
        match ask(socket) {
            Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
            answer => return answer,
        }
    }
}

pub fn checks() {
    let network = instance_network();
    creation();
    let listener = listens(&network);
    let (client, server) = connects(&network, &listener);
    data(&client, &server);
    ends(&client, &server);
    tcp_refusals::checks(&network);
    tcp_options::checks(&network);
}

fn creation() {
    let create = Interface("wasi:sockets/tcp-create-socket");
    let four = create_tcp_socket(IpAddressFamily::Ipv4).unwrap();
    check!(
        create,
        "create-tcp-socket",
        four.address_family() == IpAddressFamily::Ipv4
    );
    let six = create_tcp_socket(IpAddressFamily::Ipv6).unwrap();
    check!(
        TCP,
        "[method]tcp-socket.address-family",
        six.address_family() == IpAddressFamily::Ipv6
    );
    check!(TCP, "[method]tcp-socket.is-listening", !four.is_listening());
    check!(
        TCP,
        "[method]tcp-socket.local-address",
        four.local_address().err() == Some(ErrorCode::InvalidState)
    );
    check!(
        TCP,
        "[method]tcp-socket.remote-address",
        four.remote_address().err() == Some(ErrorCode::InvalidState)
    );
}

fn listens(network: &Network) -> TcpSocket {
    let instance = Interface("wasi:sockets/instance-network");
    let socket = create_tcp_socket(IpAddressFamily::Ipv4).unwrap();
    check!(
        TCP,
        "[method]tcp-socket.finish-bind",
        socket.finish_bind() == Err(ErrorCode::NotInProgress)
    );
    check!(
        TCP,
        "[method]tcp-socket.start-listen",
        socket.start_listen() == Err(ErrorCode::InvalidState)
    );
    let other = socket.start_bind(network, loopback6(0));
    check!(
        TCP,
        "[method]tcp-socket.start-bind",
        other == Err(ErrorCode::InvalidArgument)
    );
    check!(
        TCP,
        "[method]tcp-socket.start-bind",
        socket.start_bind(network, loopback(0)) == Ok(())
    );
    check!(
        instance,
        "instance-network",
        settled(&socket, TcpSocket::finish_bind) == Ok(())
    );
    check!(
        TCP,
        "[method]tcp-socket.local-address",
        port_of(&socket.local_address()).is_some_and(|port| port != 0)
    );
    check!(
        TCP,
        "[method]tcp-socket.finish-bind",
        socket.finish_bind() == Err(ErrorCode::NotInProgress)
    );
    check!(
        TCP,
        "[method]tcp-socket.start-bind",
        socket.start_bind(network, loopback(0)) == Err(ErrorCode::InvalidState)
    );
    check!(
        TCP,
        "[method]tcp-socket.finish-listen",
        socket.finish_listen() == Err(ErrorCode::NotInProgress)
    );
    check!(
        TCP,
        "[method]tcp-socket.accept",
        socket.accept().err() == Some(ErrorCode::InvalidState)
    );
    check!(TCP, "[method]tcp-socket.start-listen", socket.start_listen() == Ok(()));
    check!(
        TCP,
        "[method]tcp-socket.finish-listen",
        settled(&socket, TcpSocket::finish_listen) == Ok(())
    );
    check!(TCP, "[method]tcp-socket.is-listening", socket.is_listening());
    check!(
        TCP,
        "[method]tcp-socket.accept",
        socket.accept().err() == Some(ErrorCode::WouldBlock)
    );
    socket
}

/// One end of a connection. The socket goes last: it may not go before its streams.
struct End {
    input: InputStream,
    output: OutputStream,
    socket: TcpSocket,
}

fn connects(network: &Network, listener: &TcpSocket) -> (End, End) {
    let port = port_of(&listener.local_address()).unwrap();
    let socket = create_tcp_socket(IpAddressFamily::Ipv4).unwrap();
    check!(
        TCP,
        "[method]tcp-socket.finish-connect",
        socket.finish_connect().err() == Some(ErrorCode::NotInProgress)
    );
    let nowhere = socket.start_connect(network, loopback(0));
    check!(
        TCP,
        "[method]tcp-socket.start-connect",
        nowhere == Err(ErrorCode::InvalidArgument)
    );
    let socket = create_tcp_socket(IpAddressFamily::Ipv4).unwrap();
    check!(
        TCP,
        "[method]tcp-socket.start-connect",
        socket.start_connect(network, loopback(port)) == Ok(())
    );
    let connected = settled(&socket, TcpSocket::finish_connect);
    check!(TCP, "[method]tcp-socket.finish-connect", connected.is_ok());
    let (input, output) = connected.unwrap();
    let client = End { input, output, socket };
    listener.subscribe().block();
    check!(TCP, "[method]tcp-socket.subscribe", listener.subscribe().ready());
    let accepted = settled(listener, TcpSocket::accept);
    check!(TCP, "[method]tcp-socket.accept", accepted.is_ok());
    let (socket, input, output) = accepted.unwrap();
    let server = End { input, output, socket };
    let same = port_of(&client.socket.local_address()) == port_of(&server.socket.remote_address());
    check!(
        TCP,
        "[method]tcp-socket.remote-address",
        same && port_of(&client.socket.remote_address()) == Some(port)
    );
    let again = client.socket.start_connect(network, loopback(port));
    check!(
        TCP,
        "[method]tcp-socket.start-connect",
        again == Err(ErrorCode::InvalidState)
    );
    (client, server)
}

fn data(client: &End, server: &End) {
    let streams = Interface("wasi:io/streams");
    check!(
        streams,
        "[method]input-stream.read",
        client.input.read(1).is_ok_and(|bytes| bytes.is_empty())
    );
    check!(
        streams,
        "[method]input-stream.subscribe",
        !client.input.subscribe().ready()
    );
    let written = client.output.blocking_write_and_flush(b"to and fro");
    check!(
        streams,
        "[method]output-stream.blocking-write-and-flush",
        written.is_ok()
    );
    let read = server.input.blocking_read(100);
    check!(
        streams,
        "[method]input-stream.blocking-read",
        read.is_ok_and(|bytes| bytes == b"to and fro")
    );
    server.output.blocking_write_and_flush(b"back").unwrap();
    let read = client.input.blocking_read(2);
    check!(
        streams,
        "[method]input-stream.blocking-read",
        read.is_ok_and(|bytes| bytes == b"ba")
    );
    check!(
        streams,
        "[method]input-stream.blocking-skip",
        client.input.blocking_skip(100).is_ok_and(|n| n == 2)
    );
}

fn ends(client: &End, server: &End) {
    check!(
        TCP,
        "[method]tcp-socket.shutdown",
        client.socket.shutdown(ShutdownType::Send) == Ok(())
    );
    let end = server.input.blocking_read(1);
    check!(
        TCP,
        "[method]tcp-socket.shutdown",
        matches!(end, Err(StreamError::Closed))
    );
    check!(TCP, "[method]tcp-socket.shutdown", client.output.check_write().is_err());
    let back = server.output.blocking_write_and_flush(b"x").is_ok() && client.input.blocking_read(1).is_ok();
    check!(TCP, "[method]tcp-socket.shutdown", back);
    check!(
        TCP,
        "[method]tcp-socket.shutdown",
        server.socket.shutdown(ShutdownType::Both) == Ok(())
    );
    let fresh = create_tcp_socket(IpAddressFamily::Ipv4).unwrap();
    check!(
        TCP,
        "[method]tcp-socket.shutdown",
        fresh.shutdown(ShutdownType::Both) == Err(ErrorCode::InvalidState)
    );
}
