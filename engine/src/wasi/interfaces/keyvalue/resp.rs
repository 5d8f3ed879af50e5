//! The protocol of Redis (RESP2): commands are arrays of byte strings, and each has one reply.

use std::io;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

/// What a reply may have in all, lengths and line ends included. The other side is not trusted: what it claims to send
/// is never allocated ahead.
const MAX_REPLY: u64 = 8 << 20;
/// A reply of ours is at most a list beside a value.
const MAX_DEPTH: u32 = 2;

/// A reply.
#[derive(Debug, PartialEq)]
pub enum Reply {
    /// `+OK`.
    Status,
    /// `-ERR sentence`.
    Error(String),
    /// `:1`.
    Number(i64),
    /// `$2`, or nothing.
    Bytes(Option<Vec<u8>>),
    /// `*2`.
    List(Vec<Reply>),
}

/// A command as it is sent.
pub fn command(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", parts.len()).into_bytes();
    for part in parts {
        bytes.extend_from_slice(format!("${}\r\n", part.len()).as_bytes());
        bytes.extend_from_slice(part);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// Reads one reply.
///
/// # Errors
/// When the stream ends or fails, or what comes is no reply or too large. The stream is of no use then.
pub async fn reply<S: AsyncRead + Unpin + Send>(stream: &mut BufReader<S>) -> io::Result<Reply> {
    read(&mut stream.take(MAX_REPLY), MAX_DEPTH).await
}

type Bounded<'a, S> = tokio::io::Take<&'a mut BufReader<S>>;

async fn read<S: AsyncRead + Unpin + Send>(stream: &mut Bounded<'_, S>, depth: u32) -> io::Result<Reply> {
    let line = line(stream).await?;
    let (kind, rest) = line.split_at_checked(1).unwrap_or_default();
    match kind {
        "+" => Ok(Reply::Status),
        "-" => Ok(Reply::Error(rest.to_owned())),
        ":" => Ok(Reply::Number(number(rest)?)),
        "$" => match usize::try_from(number(rest)?) {
            Ok(length) => Ok(Reply::Bytes(Some(bytes(stream, length).await?))),
            Err(_) => Ok(Reply::Bytes(None)),
        },
        "*" if depth > 0 => {
            let mut list = Vec::new();
            for _ in 0..number(rest)? {
                list.push(Box::pin(read(stream, depth - 1)).await?);
            }
            Ok(Reply::List(list))
        }
        _ => Err(broken("what it sends is no reply of Redis")),
    }
}

async fn line<S: AsyncRead + Unpin + Send>(stream: &mut Bounded<'_, S>) -> io::Result<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await?;
    match line.strip_suffix(b"\r\n") {
        Some(text) => Ok(String::from_utf8_lossy(text).into_owned()),
        None => Err(ended(stream)),
    }
}

async fn bytes<S: AsyncRead + Unpin + Send>(stream: &mut Bounded<'_, S>, length: usize) -> io::Result<Vec<u8>> {
    const END: usize = 2;
    if length as u64 > stream.limit() {
        return Err(broken(&format!("its reply has more than {MAX_REPLY} bytes")));
    }
    let mut bytes = Vec::new();
    stream.take((length + END) as u64).read_to_end(&mut bytes).await?;
    if bytes.len() < length + END {
        return Err(ended(stream));
    }
    bytes.truncate(length);
    Ok(bytes)
}

fn number(text: &str) -> io::Result<i64> {
    text.parse().map_err(|_| broken("what it sends is no reply of Redis"))
}

fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// The stream has nothing more: it ended, or the bound was met.
fn ended<S: AsyncRead + Unpin>(stream: &Bounded<'_, S>) -> io::Error {
    match stream.limit() {
        0 => broken(&format!("its reply has more than {MAX_REPLY} bytes")),
        _ => io::Error::new(io::ErrorKind::UnexpectedEof, "it closed the connection"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_all(bytes: &[u8]) -> Result<Reply, String> {
        reply(&mut BufReader::new(bytes)).await.map_err(|e| e.to_string())
    }

    #[tokio::test]
    async fn each_kind_of_reply_is_read() {
        assert_eq!(command(&[b"GET", b"a\r\n"]), b"*2\r\n$3\r\nGET\r\n$3\r\na\r\n\r\n");
        assert_eq!(read_all(b"+OK\r\n").await, Ok(Reply::Status));
        assert_eq!(read_all(b"-ERR no\r\n").await, Ok(Reply::Error("ERR no".into())));
        assert_eq!(read_all(b":-7\r\n").await, Ok(Reply::Number(-7)));
        assert_eq!(
            read_all(b"$3\r\n\r\n\0\r\n").await,
            Ok(Reply::Bytes(Some(b"\r\n\0".to_vec())))
        );
        assert_eq!(read_all(b"$-1\r\n").await, Ok(Reply::Bytes(None)));
        let list = Reply::List(vec![
            Reply::Bytes(Some(b"0".to_vec())),
            Reply::List(vec![Reply::Number(1)]),
        ]);
        assert_eq!(read_all(b"*2\r\n$1\r\n0\r\n*1\r\n:1\r\n").await, Ok(list));
    }

    #[tokio::test]
    async fn what_is_no_reply_or_too_large_is_an_error() {
        let deep = b"*1\r\n".repeat(100_000);
        let many = [b"*9223372036854775807\r\n".to_vec(), b":1\r\n".repeat(3 << 20)].concat();
        for (bytes, words) in [
            (&b""[..], "closed"),
            (b"$5\r\nab", "closed"),
            (b":1", "closed"),
            (b":x\r\n", "no reply"),
            (b"HTTP/1.1 400\r\n", "no reply"),
            (b"\xff\xff\r\n", "no reply"),
            (b"\r\n", "no reply"),
            (b"$9223372036854775807\r\n", "more than 8388608 bytes"),
            (&vec![b'+'; 9 << 20], "more than 8388608 bytes"),
            (&deep, "no reply"),
            (&many, "more than 8388608 bytes"),
        ] {
            let error = read_all(bytes).await.unwrap_err();
            assert!(error.contains(words), "{words}: {error}");
        }
    }
}
