//! `wasi:logging`: each message of a guest is a line of its standard error.

use crate::stdio::Output;
use std::fmt::Write;
use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Lift, Linker};

const NAMES: [&str; 2] = ["wasi:logging/logging", "wasi:logging/logging@0.1.0-draft"];
/// Longer lines reach `kubectl logs` in pieces.
const MAX_LINE: usize = 16 * 1024;
const MAX_CONTEXT: usize = 256;
/// Stands for what was cut off.
const CUT: &str = "…";

#[allow(dead_code, reason = "made from what a guest passes")]
#[derive(Clone, Copy, Debug, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
enum Level {
    #[component(name = "trace")]
    Trace,
    #[component(name = "debug")]
    Debug,
    #[component(name = "info")]
    Info,
    #[component(name = "warn")]
    Warn,
    #[component(name = "error")]
    Error,
    #[component(name = "critical")]
    Critical,
}

pub(super) fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    view: impl Fn(&T) -> &Output + Copy + Send + Sync + 'static,
) -> wasmtime::Result<()> {
    for name in NAMES {
        linker
            .instance(name)?
            .func_wrap_async("log", move |store: StoreContextMut<'_, T>, message| {
                let output = view(store.data()).clone();
                Box::new(write(output, message))
            })?;
    }
    Ok(())
}

/// Waits while the log is full. The interface knows no failure, and there is no other place to tell one.
async fn write(output: Output, (level, context, message): (Level, String, String)) -> wasmtime::Result<()> {
    if output.finish().await.is_ok() {
        let _ = output.write_all(line(level, &context, &message).as_bytes()).await;
    }
    Ok(())
}

/// `LEVEL context: message`, on one line whatever the texts hold.
fn line(level: Level, context: &str, message: &str) -> String {
    let mut line = format!("{level:?} ").to_uppercase();
    if !context.is_empty() {
        push(&mut line, context, MAX_CONTEXT);
        line.push_str(": ");
    }
    push(&mut line, message, MAX_LINE - 1);
    line.push('\n');
    line
}

/// Appends a text until the line has `limit` bytes. What would move a terminal's cursor or end the line is escaped.
fn push(line: &mut String, text: &str, limit: usize) {
    for c in text.chars() {
        let whole = line.len();
        // Writing to a String cannot fail.
        let _ = match c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            true => write!(line, "{}", c.escape_default()),
            false => line.write_char(c),
        };
        if line.len() > limit - CUT.len() {
            line.truncate(whole);
            line.push_str(CUT);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_whatever_it_holds() {
        assert_eq!(line(Level::Warn, "db", "slow"), "WARN db: slow\n");
        assert_eq!(line(Level::Critical, "", "žluť"), "CRITICAL žluť\n");
        assert_eq!(
            line(Level::Info, "a\nb", "1\r\n\t2\u{1b}[2J\u{9b}\u{2028}\0"),
            "INFO a\\nb: 1\\r\\n\\t2\\u{1b}[2J\\u{9b}\\u{2028}\\u{0}\n"
        );
    }

    #[test]
    fn a_line_is_bounded_and_says_that_it_was_cut() {
        let long = line(Level::Trace, &"c".repeat(1000), &"žluť".repeat(10_000));
        assert!(long.len() <= MAX_LINE && long.len() > MAX_LINE - 8, "{}", long.len());
        assert!(long.contains("c…: ž") && long.ends_with("…\n"));
        let escapes = line(Level::Trace, "", &"\u{1b}".repeat(MAX_LINE));
        assert!(escapes.len() <= MAX_LINE && escapes.ends_with("\\u{1b}…\n"));
    }
}
