//! A TCP server that sends every line back to whom it came from, one client after the other. Its first argument is the
//! address it listens at.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;

const ADDRESS: &str = "0.0.0.0:7777";

fn main() -> ExitCode {
    let address = std::env::args().nth(1).unwrap_or_else(|| ADDRESS.to_owned());
    let listener = match TcpListener::bind(&address) {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("echo: listen at {address}: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("listening at {address}");
    for client in listener.incoming() {
        match client.and_then(echo) {
            Ok(lines) => println!("{lines} lines"),
            Err(error) => eprintln!("echo: {error}"),
        }
    }
    ExitCode::SUCCESS
}

fn echo(client: TcpStream) -> std::io::Result<usize> {
    let mut lines = 0;
    for line in BufReader::new(&client).lines() {
        writeln!(&client, "{}", line?)?;
        lines += 1;
    }
    Ok(lines)
}
