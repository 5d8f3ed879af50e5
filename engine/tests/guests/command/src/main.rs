//! Calls every function of WASI 0.2 that a command can have, and prints what comes of it, a line a check.
//!
//! The first argument says what to do: `plain` is everything that needs no network, with the input "0123456789", a
//! directory `/` that is empty, the arguments "plain", "two words" and the variables NAME=a=b and EMPTY= behind it;
//! `sockets` the rest; `exit`, `fail` and `code` end in a way of their own.

#[macro_use]
mod check;
mod cli;
mod clocks;
mod directories;
mod files;
mod links;
mod paths;
mod random;
mod streams;
mod tcp;
mod tcp_options;
mod tcp_refusals;
mod udp;

use wasip2::cli::exit;

/// Where checks go.
fn report(line: &str) {
    println!("{line}");
}

fn main() {
    let arguments = wasip2::cli::environment::get_arguments();
    match arguments.get(1).map(String::as_str) {
        Some("plain") => plain(),
        Some("sockets") => {
            tcp::checks();
            udp::checks();
        }
        Some("exit") => exit::exit(Ok(())),
        Some("fail") => exit::exit(Err(())),
        Some("code") => exit::exit_with_code(42),
        _ => panic!("which checks?"),
    }
}

fn plain() {
    cli::checks();
    clocks::checks();
    random::checks();
    streams::checks();
    files::checks();
    paths::checks();
    directories::checks();
}
