//! Names, requests and sockets.

use crate::streams::{complain, print};
use std::net::SocketAddr;
use wasip3::http::client;
use wasip3::http::types::{ErrorCode, Fields, Request, Response, Scheme};
use wasip3::sockets::ip_name_lookup::resolve_addresses;
use wasip3::sockets::types::{
    IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, TcpSocket, UdpSocket,
};
use wasip3::{wit_future, wit_stream};

/// Prints the addresses of a name.
pub async fn resolve(name: &str) {
    match resolve_addresses(name.to_owned()).await {
        Ok(addresses) => {
            for address in addresses {
                print(&(text(&address) + "\n")).await;
            }
        }
        Err(code) => complain(&format!("{name}: {code:?}\n")).await,
    }
}

fn text(address: &IpAddress) -> String {
    match address {
        IpAddress::Ipv4((a, b, c, d)) => format!("{a}.{b}.{c}.{d}"),
        IpAddress::Ipv6(parts) => format!("{parts:?}"),
    }
}

/// Sends a request with a content and prints the response.
pub async fn fetch(authority: &str, path: &str) {
    match answered(authority, path).await {
        Ok(text) => print(&text).await,
        Err(code) => complain(&format!("{authority}: {code:?}\n")).await,
    }
}

async fn answered(authority: &str, path: &str) -> Result<String, ErrorCode> {
    let (mut sender, content) = wit_stream::new();
    let (trailers, after) = wit_future::new(|| Ok(None));
    let (request, _sent) = Request::new(Fields::new(), Some(content), after, None);
    request.set_method(&wasip3::http::types::Method::Post).unwrap();
    request.set_scheme(Some(&Scheme::Http)).unwrap();
    request.set_authority(Some(authority)).unwrap();
    request.set_path_with_query(Some(path)).unwrap();
    let send = async {
        sender.write_all(b"question".to_vec()).await;
        drop((sender, trailers));
    };
    let (response, ()) = futures::join!(client::send(request), send);
    let response = response?;
    let status = response.get_status_code();
    let (_done, result) = wit_future::new(|| Ok(()));
    let (content, _) = Response::consume_body(response, result);
    let text = String::from_utf8(content.collect().await).unwrap();
    Ok(format!("{status} {text}\n"))
}

fn wasi(address: &str) -> IpSocketAddress {
    match address.parse().expect("an address with a port") {
        SocketAddr::V4(v4) => {
            let [a, b, c, d] = v4.ip().octets();
            let (port, address) = (v4.port(), (a, b, c, d));
            IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address })
        }
        SocketAddr::V6(_) => unimplemented!("an address of IPv6"),
    }
}

/// Says a text to a server, and prints its answer.
pub async fn connect(address: &str, text: &str) {
    let socket = match TcpSocket::create(IpAddressFamily::Ipv4) {
        Ok(socket) => socket,
        Err(code) => return complain(&format!("socket: {code:?}\n")).await,
    };
    if let Err(code) = socket.connect(wasi(address)).await {
        return complain(&format!("{address}: {code:?}\n")).await;
    }
    let (mut sender, receiver) = wit_stream::new();
    let sent = socket.send(receiver);
    sender.write_all(text.as_bytes().to_vec()).await;
    drop(sender);
    sent.await.expect("the server listens to the end");
    let (answer, received) = socket.receive();
    print(&String::from_utf8(answer.collect().await).unwrap()).await;
    received.await.expect("the server answers to the end");
}

/// Echoes what one client says.
pub async fn listen(port: u16) {
    let socket = match TcpSocket::create(IpAddressFamily::Ipv4) {
        Ok(socket) => socket,
        Err(code) => return complain(&format!("socket: {code:?}\n")).await,
    };
    if let Err(code) = socket.bind(wasi(&format!("0.0.0.0:{port}"))) {
        return complain(&format!("bind {port}: {code:?}\n")).await;
    }
    let mut clients = socket.listen().expect("what is bound can listen");
    print("listening\n").await;
    let client = clients.next().await.expect("a client");
    let (said, heard) = client.receive();
    client.send(said).await.expect("the client listens");
    heard.await.expect("the client speaks to its end");
}

/// Sends a datagram.
pub async fn send(address: &str, text: &str) {
    let socket = match UdpSocket::create(IpAddressFamily::Ipv4) {
        Ok(socket) => socket,
        Err(code) => return complain(&format!("socket: {code:?}\n")).await,
    };
    match socket.send(text.as_bytes().to_vec(), Some(wasi(address))).await {
        Ok(()) => print("sent\n").await,
        Err(code) => complain(&format!("{address}: {code:?}\n")).await,
    }
}
