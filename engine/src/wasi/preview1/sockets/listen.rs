//! Binding what the request names, and telling the guest of it as systemd tells its services.

use super::Socket;
use crate::network::policy::NetworkPolicy;
use crate::refusal::{Answer, Naming, Refusal, explained};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

/// Sockets that one guest can find open.
const MOST: usize = 16;

/// Listens at every address, in the calling thread's network. Needs a tokio runtime.
///
/// # Errors
/// `listen at ADDRESS: cause`.
pub fn bind(addresses: &[String], rules: &NetworkPolicy) -> Answer<Vec<Arc<Socket>>> {
    if addresses.len() > MOST {
        let asked = addresses.len();
        return Err(Refusal::invalid(format!(
            "listen at {asked} addresses: {MOST} are the most"
        )));
    }
    addresses.iter().map(|address| bind_one(address, rules)).collect()
}

fn bind_one(text: &str, rules: &NetworkPolicy) -> Answer<Arc<Socket>> {
    let what = format!("listen at {text}");
    let invalid = |_| Refusal::invalid(format!("{what}: not ADDRESS:PORT with an IP address"));
    let address: SocketAddr = text.parse().map_err(invalid)?;
    rules.expect_listening(&what, address.port())?;
    let listener = TcpListener::bind(address).and_then(Socket::listener);
    listener.map(Arc::new).map_err(explained).refusing(what)
}

/// What the environment says of the sockets, unless `env` says it already: how many there are, and as their names the
/// ports, which preview 1 cannot ask for. LISTEN_PID is left out, for a guest has no process of its own to compare it to.
///
/// # Errors
/// When a socket does not know its address.
pub fn environment(listeners: &[Arc<Socket>], env: &[String]) -> Answer<Vec<(&'static str, String)>> {
    if listeners.is_empty() {
        return Ok(Vec::new());
    }
    let port = |socket: &Arc<Socket>| Ok(socket.port().naming("look at a listening socket")?.to_string());
    let ports: Vec<String> = listeners.iter().map(port).collect::<Answer<_>>()?;
    let mut told = vec![
        ("LISTEN_FDS", ports.len().to_string()),
        ("LISTEN_FDNAMES", ports.join(":")),
    ];
    let set = |name: &str| {
        env.iter()
            .any(|e| e.split_once('=').is_some_and(|(known, _)| known == name))
    };
    told.retain(|(name, _)| !set(name));
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::engine::Network;

    fn bound(listen: &[&str], inbound: Option<&str>) -> Answer<Vec<Arc<Socket>>> {
        let mut network = Network::new();
        network.inbound_restricted = inbound.is_some();
        network.inbound = inbound.into_iter().map(str::to_owned).collect();
        let addresses: Vec<String> = listen.iter().map(|a| (*a).to_owned()).collect();
        bind(&addresses, &NetworkPolicy::parse(&network)?)
    }

    fn refusal(listen: &[&str], inbound: Option<&str>) -> String {
        bound(listen, inbound).err().expect("a refusal").sentence
    }

    #[tokio::test]
    async fn what_cannot_be_listened_at_is_refused_by_name() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = taken.local_addr().unwrap().to_string();
        for (address, cause) in [
            ("localhost:80", "not ADDRESS:PORT"),
            ("7000", "not ADDRESS:PORT"),
            ("203.0.113.1:7000", "annot assign requested address"),
            (taken.as_str(), "ddress already in use"),
        ] {
            let sentence = refusal(&[address], None);
            assert!(sentence.starts_with(&format!("listen at {address}: ")), "{sentence}");
            assert!(sentence.contains(cause), "{sentence}");
        }
        let many = vec!["127.0.0.1:0"; MOST + 1];
        assert_eq!(refusal(&many, None), "listen at 17 addresses: 16 are the most");
    }

    #[tokio::test]
    async fn only_allowed_ports_are_listened_at() {
        // Free a moment ago.
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (address, port) = (free.to_string(), free.port().to_string());
        let refused = refusal(&[&address], Some("80"));
        assert_eq!(refused, format!("listen at {free}: no inbound rule has port {port}"));
        assert_eq!(bound(&[&address], Some(&port)).unwrap().len(), 1);
    }

    #[tokio::test]
    async fn the_environment_tells_how_many_there_are_and_their_ports() {
        let listeners = bound(&["127.0.0.1:0", "127.0.0.1:0"], None).unwrap();
        let ports: Vec<_> = listeners.iter().map(|l| l.port().unwrap().to_string()).collect();
        let names = ("LISTEN_FDNAMES", ports.join(":"));
        let told = environment(&listeners, &["LISTEN_FDS_=7".into()]).unwrap();
        assert_eq!(told, [("LISTEN_FDS", "2".to_owned()), names.clone()]);
        assert_eq!(environment(&listeners, &["LISTEN_FDS=1".into()]).unwrap(), [names]);
        assert_eq!(environment(&[], &[]).unwrap(), []);
    }
}
