//! `wasi:sockets`: UDP between two sockets of the same program, over the loopback of its network.

use crate::check::Interface;
use crate::tcp::{loopback, loopback6, port_of};
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress, Network};
use wasip2::sockets::udp::{IncomingDatagramStream, OutgoingDatagram, OutgoingDatagramStream, UdpSocket};
use wasip2::sockets::udp_create_socket::create_udp_socket;

const UDP: Interface = Interface("wasi:sockets/udp");
const INVALID: Result<(), ErrorCode> = Err(ErrorCode::InvalidArgument);

pub fn checks() {
    let network = instance_network();
    let create = Interface("wasi:sockets/udp-create-socket");
    let six = create_udp_socket(IpAddressFamily::Ipv6).unwrap();
    check!(
        create,
        "create-udp-socket",
        six.address_family() == IpAddressFamily::Ipv6
    );
    let here = binds(&network);
    options(&here);
    let there = create_udp_socket(IpAddressFamily::Ipv4).unwrap();
    bind(&there, &network).unwrap();
    exchange(&here, &there);
}

fn bind(socket: &UdpSocket, network: &Network) -> Result<(), ErrorCode> {
    socket.start_bind(network, loopback(0))?;
    loop {
        match socket.finish_bind() {
            Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
            answer => return answer,
        }
    }
}

fn binds(network: &Network) -> UdpSocket {
    let socket = create_udp_socket(IpAddressFamily::Ipv4).unwrap();
    check!(
        UDP,
        "[method]udp-socket.address-family",
        socket.address_family() == IpAddressFamily::Ipv4
    );
    check!(
        UDP,
        "[method]udp-socket.local-address",
        socket.local_address().err() == Some(ErrorCode::InvalidState)
    );
    check!(
        UDP,
        "[method]udp-socket.stream",
        socket.stream(None).err() == Some(ErrorCode::InvalidState)
    );
    check!(
        UDP,
        "[method]udp-socket.finish-bind",
        socket.finish_bind() == Err(ErrorCode::NotInProgress)
    );
    check!(
        UDP,
        "[method]udp-socket.start-bind",
        socket.start_bind(network, loopback6(0)) == INVALID
    );
    check!(UDP, "[method]udp-socket.finish-bind", bind(&socket, network) == Ok(()));
    check!(
        UDP,
        "[method]udp-socket.start-bind",
        bind(&socket, network) == Err(ErrorCode::InvalidState)
    );
    check!(
        UDP,
        "[method]udp-socket.local-address",
        port_of(&socket.local_address()).is_some_and(|port| port != 0)
    );
    check!(
        UDP,
        "[method]udp-socket.remote-address",
        socket.remote_address().err() == Some(ErrorCode::InvalidState)
    );
    socket.subscribe().block();
    check!(UDP, "[method]udp-socket.subscribe", socket.subscribe().ready());
    socket
}

fn options(socket: &UdpSocket) {
    check!(
        UDP,
        "[method]udp-socket.set-unicast-hop-limit",
        socket.set_unicast_hop_limit(0) == INVALID
    );
    check!(
        UDP,
        "[method]udp-socket.set-unicast-hop-limit",
        socket.set_unicast_hop_limit(42) == Ok(())
    );
    check!(
        UDP,
        "[method]udp-socket.unicast-hop-limit",
        socket.unicast_hop_limit() == Ok(42)
    );
    check!(
        UDP,
        "[method]udp-socket.set-receive-buffer-size",
        socket.set_receive_buffer_size(0) == INVALID
    );
    check!(
        UDP,
        "[method]udp-socket.set-receive-buffer-size",
        socket.set_receive_buffer_size(32768) == Ok(())
    );
    check!(
        UDP,
        "[method]udp-socket.receive-buffer-size",
        socket.receive_buffer_size() == Ok(32768)
    );
    check!(
        UDP,
        "[method]udp-socket.set-send-buffer-size",
        socket.set_send_buffer_size(0) == INVALID
    );
    check!(
        UDP,
        "[method]udp-socket.set-send-buffer-size",
        socket.set_send_buffer_size(32768) == Ok(())
    );
    check!(
        UDP,
        "[method]udp-socket.send-buffer-size",
        socket.send_buffer_size() == Ok(32768)
    );
}

fn datagram(remote_address: Option<IpSocketAddress>) -> OutgoingDatagram {
    let data = b"datagram".to_vec();
    OutgoingDatagram { data, remote_address }
}

fn send(stream: &OutgoingDatagramStream, datagrams: &[OutgoingDatagram]) -> Result<u64, ErrorCode> {
    while stream.check_send()? == 0 {
        stream.subscribe().block();
    }
    stream.send(datagrams)
}

fn receive(stream: &IncomingDatagramStream) -> Vec<u8> {
    loop {
        stream.subscribe().block();
        if let Some(datagram) = stream.receive(1).unwrap().pop() {
            return datagram.data;
        }
    }
}

fn exchange(here: &UdpSocket, there: &UdpSocket) {
    let (there_port, here_port) = (
        port_of(&there.local_address()).unwrap(),
        port_of(&here.local_address()).unwrap(),
    );
    let (incoming, outgoing) = here.stream(None).unwrap();
    let (there_incoming, _out) = there.stream(Some(loopback(here_port))).unwrap();
    check!(
        UDP,
        "[method]udp-socket.stream",
        port_of(&there.remote_address()) == Some(here_port)
    );
    check!(
        UDP,
        "[method]udp-socket.remote-address",
        port_of(&there.remote_address()) == Some(here_port)
    );
    check!(
        UDP,
        "[method]outgoing-datagram-stream.check-send",
        outgoing.check_send().is_ok()
    );
    outgoing.subscribe().block();
    check!(
        UDP,
        "[method]outgoing-datagram-stream.subscribe",
        outgoing.subscribe().ready()
    );
    check!(
        UDP,
        "[method]incoming-datagram-stream.subscribe",
        !incoming.subscribe().ready()
    );
    check!(
        UDP,
        "[method]incoming-datagram-stream.receive",
        incoming.receive(1).is_ok_and(|all| all.is_empty())
    );
    let sent = send(&outgoing, &[datagram(Some(loopback(there_port)))]);
    check!(UDP, "[method]outgoing-datagram-stream.send", sent == Ok(1));
    check!(
        UDP,
        "[method]incoming-datagram-stream.receive",
        receive(&there_incoming) == b"datagram"
    );
    // Without an address, the socket must have one.
    check!(
        UDP,
        "[method]outgoing-datagram-stream.send",
        send(&outgoing, &[datagram(None)]) == Err(ErrorCode::InvalidArgument)
    );
    let other = send(&outgoing, &[datagram(Some(loopback6(there_port)))]);
    check!(
        UDP,
        "[method]outgoing-datagram-stream.send",
        other == Err(ErrorCode::InvalidArgument)
    );
    let big = OutgoingDatagram {
        data: vec![0; 70_000],
        remote_address: Some(loopback(there_port)),
    };
    check!(
        UDP,
        "[method]outgoing-datagram-stream.send",
        send(&outgoing, &[big]) == Err(ErrorCode::DatagramTooLarge)
    );
    connected(there, &there_incoming);
}

/// Once a socket has an address to send to, datagrams need none, and can have no other.
fn connected(there: &UdpSocket, there_incoming: &IncomingDatagramStream) {
    let third = create_udp_socket(IpAddressFamily::Ipv4).unwrap();
    bind(&third, &instance_network()).unwrap();
    let own = loopback(port_of(&third.local_address()).unwrap());
    let to = loopback(port_of(&there.local_address()).unwrap());
    let (_incoming, outgoing) = third.stream(Some(to)).unwrap();
    check!(
        UDP,
        "[method]outgoing-datagram-stream.send",
        send(&outgoing, &[datagram(Some(own))]) == Err(ErrorCode::InvalidArgument)
    );
    check!(
        UDP,
        "[method]outgoing-datagram-stream.send",
        send(&outgoing, &[datagram(None)]) == Ok(1)
    );
    // The other end is connected too, to somebody else.
    check!(
        UDP,
        "[method]incoming-datagram-stream.receive",
        there_incoming.receive(1).is_ok_and(|all| all.is_empty())
    );
}
