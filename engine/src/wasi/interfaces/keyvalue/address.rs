//! Where a Redis is: `redis://[USER[:PASSWORD]@]ADDRESS[:PORT][/DATABASE]`.

use crate::refusal::{Answer, Refusal};
use std::fmt;
use std::net::{IpAddr, SocketAddr};

const SCHEME: &str = "redis://";
const PORT: u16 = 6379;
/// A variable of the container with the password, as a Secret gives it, for an address without one.
const PASSWORD: &str = "KRUSTLET_REDIS_PASSWORD=";

/// Where it is, and who we are to it.
pub struct RedisAddress {
    pub(super) socket: SocketAddr,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) database: u32,
}

impl RedisAddress {
    /// Reads the text.
    ///
    /// # Errors
    /// When it is not of that form. The sentence does not repeat it: it may hold a password.
    pub(super) fn parse(text: &str, env: &[String]) -> Answer<Self> {
        let refuse = |why: &str| Refusal::invalid(format!("key-value store: {why}"));
        let rest = text
            .strip_prefix(SCHEME)
            .ok_or_else(|| refuse("the address does not begin with redis://"))?;
        let (who, place) = rest.rsplit_once('@').unwrap_or(("", rest));
        let (host, database) = place.split_once('/').unwrap_or((place, ""));
        let (user, password) = who.split_once(':').unwrap_or((who, ""));
        let from_env = || {
            env.iter()
                .find_map(|entry| entry.strip_prefix(PASSWORD))
                .unwrap_or_default()
        };
        let password = if password.is_empty() { from_env() } else { password };
        let given = |part: &str| (!part.is_empty()).then(|| part.to_owned());
        Ok(Self {
            socket: socket(host).ok_or_else(|| refuse(&format!("'{host}' is not ADDRESS or ADDRESS:PORT")))?,
            user: given(user),
            password: given(password),
            database: match database {
                "" => 0,
                number => number.parse().map_err(|_| refuse("the database is no number"))?,
            },
        })
    }
}

fn socket(host: &str) -> Option<SocketAddr> {
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let ip = bare.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, PORT));
    host.parse().or(ip).ok()
}

impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "redis at {}", self.socket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_leave_out_all_but_the_host() {
        let env = ["KRUSTLET_REDIS_PASSWORD=from=secret".to_owned()];
        let parse = |text: &str| RedisAddress::parse(text, &env).unwrap();
        let bare = parse("redis://10.0.0.1");
        assert_eq!(
            (bare.to_string().as_str(), bare.database),
            ("redis at 10.0.0.1:6379", 0)
        );
        assert_eq!((bare.user, bare.password), (None, Some("from=secret".to_owned())));
        let full = parse("redis://me:p@ss@[::1]:7000/3");
        assert_eq!((full.to_string().as_str(), full.database), ("redis at [::1]:7000", 3));
        assert_eq!(
            (full.user, full.password),
            (Some("me".to_owned()), Some("p@ss".to_owned()))
        );
        assert_eq!(parse("redis://[fd00::2]/1").to_string(), "redis at [fd00::2]:6379");
    }

    #[test]
    fn what_is_no_address_is_refused_without_its_password() {
        for text in [
            "",
            "10.0.0.1",
            "rediss://10.0.0.1",
            "redis://",
            "redis://10.0.0.1:x",
            "redis://h/1",
            "redis://u:geheim@h:1",
            "redis://10.0.0.1/x",
        ] {
            let refusal = RedisAddress::parse(text, &[]).err().unwrap();
            assert!(refusal.sentence.starts_with("key-value store: "), "{text}: {refusal}");
            assert!(!refusal.sentence.contains("geheim"), "{refusal}");
        }
    }
}
