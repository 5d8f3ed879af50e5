//! A module of WASI preview 1 that serves the files of a directory over HTTP, one client after the other. Preview 1
//! cannot listen: whoever starts the server does, and passes the socket as descriptor 3. The first argument is the
//! directory.

use std::env;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::FromRawFd;
use std::process::ExitCode;

const DIRECTORY: &str = "/srv";
const SOCKET: i32 = 3;
const HEAD_BYTES: u64 = 8192;

fn main() -> ExitCode {
    let directory = env::args().nth(1).unwrap_or_else(|| DIRECTORY.to_owned());
    if env::var("LISTEN_FDS").map_or(true, |count| count != "1") {
        eprintln!("file-server: LISTEN_FDS is not 1: start it with one socket to listen at");
        return ExitCode::FAILURE;
    }
    // SAFETY: LISTEN_FDS says that it is open, and nobody else in this program uses it.
    let listener = unsafe { TcpListener::from_raw_fd(SOCKET) };
    println!("serving {directory} at port {}", env::var("LISTEN_FDNAMES").unwrap_or_default());
    for client in listener.incoming() {
        match client.and_then(|client| answer(&client, &directory)) {
            Ok(line) => println!("{line}"),
            Err(error) => eprintln!("file-server: {error}"),
        }
    }
    ExitCode::SUCCESS
}

/// Answers one request; what is said of it in the log.
fn answer(client: &TcpStream, directory: &str) -> io::Result<String> {
    let request = read_head(client)?;
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let body = method == "GET";
    let status = match path(target) {
        _ if !body && method != "HEAD" => refuse(client, "405 Method Not Allowed")?,
        None => refuse(client, "400 Bad Request")?,
        Some(path) => match open(&format!("{directory}/{path}")) {
            Ok((file, size)) => send(client, file, size, body)?,
            Err(error) if error.kind() == ErrorKind::NotFound => refuse(client, "404 Not Found")?,
            Err(_) => refuse(client, "403 Forbidden")?,
        },
    };
    client.shutdown(Shutdown::Write)?;
    Ok(format!("{} {status}", request.escape_debug()))
}

/// The first line of the request, with all of its head read.
fn read_head(client: &TcpStream) -> io::Result<String> {
    let mut lines = BufReader::new(client.take(HEAD_BYTES)).lines();
    let request = lines.next().unwrap_or(Ok(String::new()))?;
    for line in lines {
        if line?.is_empty() {
            return Ok(request);
        }
    }
    Err(io::Error::new(ErrorKind::InvalidData, "a request without an end of its head"))
}

/// The path below the directory. What leads upwards the sandbox would keep inside its root, but not inside the directory.
fn path(target: &str) -> Option<&str> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let upwards = path.split('/').any(|part| part == "..");
    (!upwards).then_some(if path.is_empty() { "index.html" } else { path })
}

fn open(path: &str) -> io::Result<(File, u64)> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    match about.is_file() {
        true => Ok((file, about.len())),
        false => Err(ErrorKind::PermissionDenied.into()),
    }
}

fn send(mut client: &TcpStream, file: File, size: u64, body: bool) -> io::Result<&'static str> {
    write!(client, "HTTP/1.1 200 OK\r\ncontent-length: {size}\r\nconnection: close\r\n\r\n")?;
    if body {
        io::copy(&mut file.take(size), &mut client)?;
    }
    Ok("200 OK")
}

fn refuse<'a>(mut client: &TcpStream, status: &'a str) -> io::Result<&'a str> {
    let size = status.len() + 1;
    write!(client, "HTTP/1.1 {status}\r\ncontent-length: {size}\r\nconnection: close\r\n\r\n{status}\n")?;
    Ok(status)
}
