//! What a signal does to a program that handles none; guests cannot handle any.

/// The default action of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Ends the guest with 128 + n.
    End(u8),
    /// Parks it.
    Stop,
    /// Resumes it.
    Continue,
    /// Nothing happens.
    Ignore,
}

/// The highest real-time signal.
const LAST: u32 = 64;

/// The default action of `signal`, or nothing if there is no such signal.
pub fn default_action(signal: u32) -> Option<Action> {
    let number = i32::try_from(signal).ok()?;
    Some(match number {
        0 | libc::SIGCHLD | libc::SIGURG | libc::SIGWINCH => Action::Ignore,
        libc::SIGSTOP | libc::SIGTSTP | libc::SIGTTIN | libc::SIGTTOU => Action::Stop,
        libc::SIGCONT => Action::Continue,
        _ if signal <= LAST => Action::End(signal as u8),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_do_what_they_do_to_a_program_without_handlers() {
        assert_eq!(default_action(9), Some(Action::End(9)));
        assert_eq!(default_action(15), Some(Action::End(15)));
        assert_eq!(default_action(64), Some(Action::End(64)));
        assert_eq!(default_action(19), Some(Action::Stop));
        assert_eq!(default_action(18), Some(Action::Continue));
        assert_eq!(default_action(0), Some(Action::Ignore));
        assert_eq!(default_action(17), Some(Action::Ignore));
        assert_eq!(default_action(65), None);
        assert_eq!(default_action(u32::MAX), None);
    }
}
