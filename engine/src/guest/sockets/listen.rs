//! Binding what the request names, and telling the guest of it as systemd tells its services.

use super::Socket;
use crate::proto::engine::Network;
use crate::refusal::{Answer, Naming, Refusal};
use std::net::{SocketAddr, TcpListener};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Sockets that one guest can find open.
const MOST: usize = 16;

/// Listens at every address of `network.listen`, in the calling thread's network. Needs a tokio runtime.
///
/// # Errors
/// `listen at ADDRESS: cause`.
pub fn bind(network: &Network) -> Answer<Vec<Arc<Socket>>> {
    if network.listen.len() > MOST {
        let asked = network.listen.len();
        return Err(Refusal::invalid(format!(
            "listen at {asked} addresses: {MOST} are the most"
        )));
    }
    network
        .listen
        .iter()
        .map(|address| bind_one(address, network))
        .collect()
}

fn bind_one(text: &str, network: &Network) -> Answer<Arc<Socket>> {
    let refuse = |why: &str| Refusal::invalid(format!("listen at {text}: {why}"));
    let address: SocketAddr = text
        .parse()
        .map_err(|_| refuse("not ADDRESS:PORT with an IP address"))?;
    if network.inbound_restricted && !allowed(address.port(), &network.inbound)? {
        return Err(refuse("its port is none of those that may be listened at"));
    }
    let listener = TcpListener::bind(address).and_then(Socket::listener);
    listener.map(Arc::new).refusing(format_args!("listen at {text}"))
}

fn allowed(port: u16, inbound: &[String]) -> Answer<bool> {
    let ranges: Vec<_> = inbound.iter().map(|text| range(text)).collect::<Answer<_>>()?;
    Ok(ranges.iter().any(|range| range.contains(&port)))
}

fn range(text: &str) -> Answer<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let port = |number: &str| number.parse::<u16>().refusing(format_args!("inbound ports {text}"));
    Ok(port(first)?..=port(last)?)
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

    fn network(listen: &[&str]) -> Network {
        let mut network = Network::new();
        network.listen = listen.iter().map(|a| (*a).to_owned()).collect();
        network
    }

    fn refusal(network: &Network) -> String {
        bind(network).err().expect("a refusal").sentence
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
            let sentence = refusal(&network(&[address]));
            assert!(sentence.starts_with(&format!("listen at {address}: ")), "{sentence}");
            assert!(sentence.contains(cause), "{sentence}");
        }
        let many = vec!["127.0.0.1:0"; MOST + 1];
        assert_eq!(refusal(&network(&many)), "listen at 17 addresses: 16 are the most");
    }

    #[tokio::test]
    async fn only_allowed_ports_are_listened_at() {
        let mut network = network(&["127.0.0.1:0"]);
        network.inbound_restricted = true;
        network.inbound = vec!["80".into(), "7000-7100".into()];
        assert!(refusal(&network).contains("none of those"), "{}", refusal(&network));
        network.inbound.push("0".into());
        assert_eq!(bind(&network).unwrap().len(), 1);
        network.inbound.push("http".into());
        assert!(refusal(&network).starts_with("inbound ports http: "));
    }

    #[tokio::test]
    async fn the_environment_tells_how_many_there_are_and_their_ports() {
        let listeners = bind(&network(&["127.0.0.1:0", "127.0.0.1:0"])).unwrap();
        let ports: Vec<_> = listeners.iter().map(|l| l.port().unwrap().to_string()).collect();
        let names = ("LISTEN_FDNAMES", ports.join(":"));
        let told = environment(&listeners, &["LISTEN_FDS_=7".into()]).unwrap();
        assert_eq!(told, [("LISTEN_FDS", "2".to_owned()), names.clone()]);
        assert_eq!(environment(&listeners, &["LISTEN_FDS=1".into()]).unwrap(), [names]);
        assert_eq!(environment(&[], &[]).unwrap(), []);
    }
}
