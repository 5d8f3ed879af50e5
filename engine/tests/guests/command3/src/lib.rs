//! A command of WASI 0.3 that does what its first argument says.

mod files;
mod hoards;
mod network;
mod streams;
mod times;

use wasip3::cli::{environment, exit};

struct Command;

wasip3::cli::command::export!(Command);

impl wasip3::exports::cli::run::Guest for Command {
    async fn run() -> Result<(), ()> {
        let arguments = environment::get_arguments();
        let mut arguments = arguments.iter().skip(1).map(String::as_str);
        let verb = arguments.next().unwrap_or_default();
        let given: Vec<&str> = arguments.collect();
        done(verb, &given).await
    }
}

async fn done(verb: &str, given: &[&str]) -> Result<(), ()> {
    match (verb, given) {
        ("show", _) => show().await,
        ("cat", [path]) => files::cat(path).await,
        ("put", [path, text]) => files::put(path, text).await,
        ("list", [path]) => files::list(path).await,
        ("copy", _) => streams::copy().await,
        ("pass", _) => streams::pass().await,
        ("pour", [bytes]) => streams::pour(number(bytes)).await,
        ("sleep", _) => times::sleep(given).await,
        ("clock", _) => times::clock().await,
        ("wait", _) => times::wait().await,
        ("yield", _) => times::keep_yielding().await,
        ("relay", _) => streams::relay_for_ever().await,
        ("deadlock", _) => streams::read_what_nobody_writes().await,
        ("waits", [count]) => hoards::waits(number(count)).await,
        ("streams", [count]) => hoards::streams(number(count)).await,
        ("resolve", [name]) => network::resolve(name).await,
        ("fetch", [authority, path]) => network::fetch(authority, path).await,
        ("connect", [address, text]) => network::connect(address, text).await,
        ("listen", [port]) => network::listen(number(port) as u16).await,
        ("send", [address, text]) => network::send(address, text).await,
        ("code", [code]) => exit::exit_with_code(number(code) as u8),
        ("exit", _) => exit::exit(Ok(())),
        ("fail", _) => return Err(()),
        ("trap", _) => core::arch::wasm32::unreachable(),
        _ => return Err(()),
    }
    Ok(())
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

async fn show() {
    let mut text = environment::get_arguments().join(" ");
    for (name, value) in environment::get_environment() {
        text += &format!("\n{name}={value}");
    }
    streams::print(&(text + "\n")).await;
}
