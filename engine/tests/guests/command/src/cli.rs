//! `wasi:cli`: what a program is given, its standard streams, and that none of them is a terminal here.

use crate::check::Interface;
use wasip2::cli::{environment, stderr, stdin, stdout, terminal_stderr, terminal_stdin, terminal_stdout};

pub fn checks() {
    let cli = Interface("wasi:cli/environment");
    let arguments = environment::get_arguments();
    check!(cli, "get-arguments", arguments[1..] == ["plain", "two words", ""]);
    let expected = [("NAME", "a=b"), ("EMPTY", "")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    check!(cli, "get-environment", environment::get_environment() == expected);
    // "An absent value means that no initial working directory is specified": preview 1 knows none, so paths are
    // taken from the root.
    check!(
        cli,
        "initial-cwd",
        environment::initial_cwd().is_none_or(|cwd| cwd == "/")
    );
    let streams = Interface("wasi:cli/stdin");
    check!(
        streams,
        "get-stdin",
        stdin::get_stdin().blocking_read(0).is_ok_and(|bytes| bytes.is_empty())
    );
    let streams = Interface("wasi:cli/stdout");
    check!(
        streams,
        "get-stdout",
        stdout::get_stdout().blocking_write_and_flush(b"on stdout\n").is_ok()
    );
    let streams = Interface("wasi:cli/stderr");
    check!(
        streams,
        "get-stderr",
        stderr::get_stderr().blocking_write_and_flush(b"on stderr\n").is_ok()
    );
    let terminal = Interface("wasi:cli/terminal-stdin");
    check!(
        terminal,
        "get-terminal-stdin",
        terminal_stdin::get_terminal_stdin().is_none()
    );
    let terminal = Interface("wasi:cli/terminal-stdout");
    check!(
        terminal,
        "get-terminal-stdout",
        terminal_stdout::get_terminal_stdout().is_none()
    );
    let terminal = Interface("wasi:cli/terminal-stderr");
    check!(
        terminal,
        "get-terminal-stderr",
        terminal_stderr::get_terminal_stderr().is_none()
    );
}
