//! How a guest ended, as a status, a sentence for the log, and a text for the guest's own stderr.

use crate::account::memory::MemoryShare;
use crate::account::policy::Expiry;
use crate::refusal::one_line;
use std::any::Any;
use wasmtime::Trap;
use wasmtime_wasi::I32Exit;

/// Status of a trap, the one of an aborted process.
pub const STATUS_TRAP: u32 = 134;
/// Status of a guest that was ended for want of memory, or by SIGKILL.
pub const STATUS_KILLED: u32 = 137;
const SIGNAL_BASE: u32 = 128;

/// The end of a guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// As a shell would show it.
    pub status: u32,
    /// Ended for want of memory.
    pub oom_killed: bool,
    /// One sentence for the log; empty after an ordinary end.
    pub cause: String,
}

impl Exit {
    /// The guest ended by itself.
    pub fn code(status: u32) -> Self {
        Self {
            status,
            oom_killed: false,
            cause: String::new(),
        }
    }

    /// A signal ended it.
    pub fn signal(n: u8) -> Self {
        Self::code(SIGNAL_BASE + u32::from(n))
    }

    /// It had used up its time.
    pub fn expired(expiry: &Expiry) -> Self {
        Self {
            cause: expiry.cause.clone(),
            ..Self::signal(expiry.signal)
        }
    }

    /// The engine could not go on with it.
    pub fn failure(cause: impl Into<String>) -> Self {
        Self {
            status: STATUS_TRAP,
            oom_killed: false,
            cause: cause.into(),
        }
    }

    /// A panic of the engine's code while it worked for this guest.
    pub fn panic(payload: &(dyn Any + Send)) -> Self {
        let text = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Self::failure(format!("the engine panicked for this guest: {text}"))
    }

    /// The guest's call came back with `error`. The text beside it is for the guest's stderr; an exit has none.
    pub fn of_error(error: &wasmtime::Error, memory: &MemoryShare) -> (Self, Option<String>) {
        if let Some(exit) = error.downcast_ref::<I32Exit>() {
            return (Self::code(exit.0 as u32), None);
        }
        let refused = memory.refusals();
        let mut exit = Self::failure(sentence(error));
        let mut text = format!("krustlet: {error:?}\n");
        if refused > 0 {
            exit.status = STATUS_KILLED;
            exit.oom_killed = true;
            exit.cause = format!(
                "out of memory: {refused} growths beyond the limit of {} bytes refused, then {}",
                memory.limit(),
                exit.cause
            );
            text.push_str(&format!("krustlet: {}\n", exit.cause));
        }
        (exit, Some(text))
    }
}

/// The innermost cause, which names the trap; the outer ones are the backtrace.
fn sentence(error: &wasmtime::Error) -> String {
    match error.downcast_ref::<Trap>() {
        Some(trap) => format!("trap: {trap}"),
        None => format!("failed: {}", one_line(&error.root_cause())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::memory::MemoryAccount;

    #[test]
    fn a_trap_is_for_want_of_memory_only_after_a_refused_growth() {
        let trap = wasmtime::Error::from(Trap::UnreachableCodeReached);
        let memory = MemoryShare::new(MemoryAccount::new(1));
        let (exit, text) = Exit::of_error(&trap, &memory);
        assert_eq!((exit.status, exit.oom_killed), (134, false));
        assert!(text.unwrap().contains("unreachable"), "{exit:?}");
    }

    #[test]
    fn an_exit_code_is_the_status() {
        let exit = wasmtime::Error::from(I32Exit(200));
        let (exit, text) = Exit::of_error(&exit, &MemoryShare::new(MemoryAccount::new(0)));
        assert_eq!(exit, Exit::code(200));
        assert_eq!(text, None);
    }
}
