//! Why the engine does not do what it was asked: a kind for programs, a sentence for people.

use std::{fmt, io};

/// What sort of "no" it is; each is one google.rpc code on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request can never work.
    Invalid,
    /// No such guest, or it has exited.
    Unknown,
    /// The id is in use.
    Duplicate,
    /// Not in this state of the guest.
    WrongState,
    /// The engine's own failure.
    Internal,
}

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// For programs.
    pub kind: Kind,
    /// One sentence that names the subject and the cause.
    pub sentence: String,
}

impl Refusal {
    /// A refusal of `kind` with its sentence.
    pub fn new(kind: Kind, sentence: impl Into<String>) -> Self {
        Self {
            kind,
            sentence: sentence.into(),
        }
    }

    /// A request that can never work.
    pub fn invalid(sentence: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, sentence)
    }

    /// A failure of the engine or the system under it.
    pub fn internal(sentence: impl Into<String>) -> Self {
        Self::new(Kind::Internal, sentence)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Refusal {}

/// A result with a refusal.
pub type Answer<T> = Result<T, Refusal>;

/// Names what was being done when a system call or Wasmtime failed.
pub trait Naming<T> {
    /// Turns the error into an internal refusal `what: cause`.
    fn naming(self, what: impl fmt::Display) -> Answer<T>;
    /// Turns the error into a refusal of the request `what: cause`.
    fn refusing(self, what: impl fmt::Display) -> Answer<T>;
}

impl<T, E: fmt::Display> Naming<T> for Result<T, E> {
    fn naming(self, what: impl fmt::Display) -> Answer<T> {
        self.map_err(|e| Refusal::internal(format!("{what}: {}", one_line(&e))))
    }

    fn refusing(self, what: impl fmt::Display) -> Answer<T> {
        self.map_err(|e| Refusal::invalid(format!("{what}: {}", one_line(&e))))
    }
}

/// The error with all its causes on one line.
pub fn one_line(error: &impl fmt::Display) -> String {
    format!("{error:#}").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the kernel asks for a port that not every user may listen at, and who may lower the bound.
const NEEDED_AT_LOW_PORTS: &str = "a port below the pod's sysctl net.ipv4.ip_unprivileged_port_start (containerd: \
                                   enable_unprivileged_ports) takes user 0 with CAP_NET_BIND_SERVICE";

/// The error of listening at a port, with what is missing where that is a right.
pub fn explained(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::PermissionDenied => io::Error::new(error.kind(), format!("{error}: {NEEDED_AT_LOW_PORTS}")),
        _ => error,
    }
}
