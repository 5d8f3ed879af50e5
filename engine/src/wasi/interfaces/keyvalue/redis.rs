//! Buckets in a Redis. The guest's thread connects, in the network of its pod, and keeps the connection.
//!
//! The bucket without a name is the database as it is; another bucket's keys have its name and a colon before them.

use super::address::RedisAddress;
use super::resp::{Reply, command, reply};
use super::types::{Answered, Error, KeyResponse, MAX_KEYS, Pairs, Value};
use crate::refusal::one_line;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// For a call with everything it needs, a connection included.
const DEADLINE: Duration = Duration::from_secs(5);

type Connection = BufReader<TcpStream>;

/// A Redis and the connection to it.
pub struct Redis {
    address: RedisAddress,
    idle: Mutex<Option<Connection>>,
}

impl Redis {
    /// The Redis there; nothing is asked of it yet.
    pub(super) fn at(address: RedisAddress) -> Self {
        let idle = Mutex::const_new(None);
        Self { address, idle }
    }

    /// Where it is.
    pub(super) fn address(&self) -> SocketAddr {
        self.address.socket
    }

    pub(super) async fn get(&self, bucket: &str, key: &str) -> Answered<Option<Value>> {
        match self.call(&[b"GET", &name(bucket, key)]).await? {
            Reply::Bytes(value) => Ok(value),
            other => Err(self.unexpected(&other)),
        }
    }

    pub(super) async fn exists(&self, bucket: &str, key: &str) -> Answered<bool> {
        match self.call(&[b"EXISTS", &name(bucket, key)]).await? {
            Reply::Number(n) => Ok(n > 0),
            other => Err(self.unexpected(&other)),
        }
    }

    pub(super) async fn set(&self, bucket: &str, pairs: &[(String, Value)]) -> Answered<()> {
        let names: Vec<Value> = pairs.iter().map(|(key, _)| name(bucket, key)).collect();
        let values = pairs.iter().map(|(_, value)| value.as_slice());
        let mut parts: Vec<&[u8]> = vec![b"MSET"];
        names
            .iter()
            .zip(values)
            .for_each(|(name, value)| parts.extend([name, value]));
        self.unless_empty(&parts).await.map(drop)
    }

    pub(super) async fn delete(&self, bucket: &str, keys: &[String]) -> Answered<()> {
        let names: Vec<Value> = keys.iter().map(|key| name(bucket, key)).collect();
        let parts: Vec<&[u8]> = [&b"DEL"[..]]
            .into_iter()
            .chain(names.iter().map(Vec::as_slice))
            .collect();
        self.unless_empty(&parts).await.map(drop)
    }

    pub(super) async fn get_many(&self, bucket: &str, keys: Vec<String>) -> Answered<Pairs> {
        let names: Vec<Value> = keys.iter().map(|key| name(bucket, key)).collect();
        let parts: Vec<&[u8]> = [&b"MGET"[..]]
            .into_iter()
            .chain(names.iter().map(Vec::as_slice))
            .collect();
        let values = match self.unless_empty(&parts).await? {
            Reply::List(values) if values.len() == keys.len() => values,
            other => return Err(self.unexpected(&other)),
        };
        let pairs = keys.into_iter().zip(values).map(|(key, value)| match value {
            Reply::Bytes(value) => Ok(value.map(|value| (key, value))),
            other => Err(self.unexpected(&other)),
        });
        pairs.collect()
    }

    /// The cursor is Redis' own. Names that are no text are left out: a guest could not write them.
    pub(super) async fn list(&self, bucket: &str, cursor: u64) -> Answered<KeyResponse> {
        let pattern = [escaped(&name(bucket, "")), b"*".to_vec()].concat();
        let (at, count) = (cursor.to_string(), MAX_KEYS.to_string());
        let scan: [&[u8]; 6] = [b"SCAN", at.as_bytes(), b"MATCH", &pattern, b"COUNT", count.as_bytes()];
        let reply = self.call(&scan).await?;
        let prefix = name(bucket, "").len();
        page(&reply, prefix).ok_or_else(|| self.unexpected(&reply))
    }

    pub(super) async fn increment(&self, bucket: &str, key: &str, delta: u64) -> Answered<u64> {
        let delta = delta.to_string();
        match self.call(&[b"INCRBY", &name(bucket, key), delta.as_bytes()]).await? {
            Reply::Number(sum) => u64::try_from(sum).map_err(|_| Error::other("the sum is negative")),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Redis refuses a command about no keys.
    async fn unless_empty(&self, parts: &[&[u8]]) -> Answered<Reply> {
        match parts.len() {
            1 => Ok(Reply::List(Vec::new())),
            _ => self.call(parts).await,
        }
    }

    async fn call(&self, parts: &[&[u8]]) -> Answered<Reply> {
        let reply = match timeout(DEADLINE, self.exchange(parts)).await {
            Ok(reply) => reply.map_err(|e| self.failed(&one_line(&e)))?,
            Err(_) => return Err(self.failed(&format!("no answer within {} s", DEADLINE.as_secs()))),
        };
        match reply {
            Reply::Error(sentence) => Err(self.refused(&sentence)),
            other => Ok(other),
        }
    }

    /// One command and its reply. A connection with which anything goes wrong, even that nobody waits for it any more,
    /// does not come back: the next reply on it would be that of another command.
    async fn exchange(&self, parts: &[&[u8]]) -> io::Result<Reply> {
        let mut idle = self.idle.lock().await;
        let mut connection = match idle.take().filter(is_good) {
            Some(connection) => connection,
            None => match self.connect().await? {
                Ok(connection) => connection,
                Err(sentence) => return Ok(Reply::Error(sentence)),
            },
        };
        let reply = send(&mut connection, parts).await?;
        *idle = Some(connection);
        Ok(reply)
    }

    /// A connection, or what Redis has against us.
    async fn connect(&self) -> io::Result<Result<Connection, String>> {
        let stream = TcpStream::connect(self.address.socket).await?;
        stream.set_nodelay(true)?;
        let mut connection = BufReader::new(stream);
        let database = self.address.database.to_string();
        let mut introduction: Vec<Vec<&[u8]>> = Vec::new();
        if let Some(password) = &self.address.password {
            let who = [self.address.user.as_ref(), Some(password)];
            let who = who.into_iter().flatten().map(String::as_bytes);
            introduction.push([&b"AUTH"[..]].into_iter().chain(who).collect());
        }
        if self.address.database > 0 {
            introduction.push(vec![b"SELECT", database.as_bytes()]);
        }
        for parts in introduction {
            if let Reply::Error(sentence) = send(&mut connection, &parts).await? {
                return Ok(Err(sentence));
            }
        }
        Ok(Ok(connection))
    }

    fn failed(&self, why: &str) -> Error {
        Error::other(format!("{}: {why}", self.address))
    }

    fn refused(&self, sentence: &str) -> Error {
        match sentence.split(' ').next() {
            Some("NOAUTH" | "NOPERM" | "WRONGPASS") => Error::AccessDenied,
            _ => self.failed(sentence),
        }
    }

    fn unexpected(&self, reply: &Reply) -> Error {
        let kind = match reply {
            Reply::Status => "a status",
            Reply::Error(sentence) => return self.refused(sentence),
            Reply::Number(_) => "a number",
            Reply::Bytes(_) => "a value",
            Reply::List(_) => "a list",
        };
        self.failed(&format!("it answers with {kind}, which is no answer to this"))
    }
}

/// Whether a connection that was idle is open still, with nothing in it that nobody asked for. A command is never sent
/// twice: the first may have been done.
fn is_good(connection: &Connection) -> bool {
    let mut nothing = [0; 1];
    let quiet = connection.get_ref().try_read(&mut nothing);
    connection.buffer().is_empty() && quiet.is_err_and(|e| e.kind() == io::ErrorKind::WouldBlock)
}

async fn send(connection: &mut Connection, parts: &[&[u8]]) -> io::Result<Reply> {
    connection.get_mut().write_all(&command(parts)).await?;
    reply(connection).await
}

/// A key as Redis has it.
fn name(bucket: &str, key: &str) -> Value {
    match bucket {
        "" => key.as_bytes().to_vec(),
        bucket => format!("{bucket}:{key}").into_bytes(),
    }
}

/// A text in a pattern of Redis that stands for itself.
fn escaped(text: &[u8]) -> Vec<u8> {
    let special = |byte: &u8| b"\\*?[]^-".contains(byte);
    let escape = |byte| if special(byte) { vec![b'\\', *byte] } else { vec![*byte] };
    text.iter().flat_map(escape).collect()
}

fn page(reply: &Reply, prefix: usize) -> Option<KeyResponse> {
    let Reply::List(parts) = reply else { return None };
    let [Reply::Bytes(Some(cursor)), Reply::List(names)] = parts.as_slice() else {
        return None;
    };
    let cursor: u64 = std::str::from_utf8(cursor).ok()?.parse().ok()?;
    let key = |name: &Reply| match name {
        Reply::Bytes(Some(name)) => String::from_utf8(name.get(prefix..)?.to_vec()).ok(),
        _ => None,
    };
    Some(KeyResponse {
        keys: names.iter().filter_map(key).collect(),
        cursor: (cursor != 0).then_some(cursor),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_what_scan_replies() {
        let bytes = |text: &str| Reply::Bytes(Some(text.as_bytes().to_vec()));
        let names = vec![bytes("b:one"), Reply::Bytes(Some(vec![b'b', b':', 0xff])), bytes("b:")];
        let reply = |cursor: &str, names| Reply::List(vec![bytes(cursor), Reply::List(names)]);
        let keys = vec!["one".to_owned(), String::new()];
        let cursor = Some(17);
        assert_eq!(page(&reply("17", names), 2), Some(KeyResponse { keys, cursor }));
        assert_eq!(page(&reply("x", vec![]), 0), None);
        assert_eq!(page(&Reply::Number(1), 0), None);
        assert_eq!(escaped(b"a*[b]\\"), b"a\\*\\[b\\]\\\\");
    }
}
