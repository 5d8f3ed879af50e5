//! The types of the interface, and what its arguments are held to.

use wasmtime::component::{ComponentType, Lower};

pub const MAX_NAME: usize = 256;
pub const MAX_KEY: usize = 1024;
pub const MAX_VALUE: usize = 4 << 20;
/// Keys in a call or in a page of their list.
pub const MAX_KEYS: usize = 1024;

/// The interface's own.
#[derive(Debug, PartialEq, ComponentType, Lower)]
#[component(variant)]
pub enum Error {
    /// No host of ours tells it: every name is a bucket's.
    #[component(name = "no-such-store")]
    #[allow(dead_code, reason = "the standard's type has it")]
    NoSuchStore,
    /// The Redis knows neither us nor our right to this.
    #[component(name = "access-denied")]
    AccessDenied,
    /// A sentence.
    #[component(name = "other")]
    Other(String),
}

impl Error {
    /// A failure with its sentence.
    pub fn other(sentence: impl Into<String>) -> Self {
        Self::Other(sentence.into())
    }
}

/// What a call of the interface answers.
pub type Answered<T> = std::result::Result<T, Error>;
pub type Value = Vec<u8>;
pub type Pairs = Vec<Option<(String, Value)>>;

/// A page of a bucket's keys.
#[derive(Debug, PartialEq, ComponentType, Lower)]
#[component(record)]
pub struct KeyResponse {
    /// The keys.
    pub keys: Vec<String>,
    /// Where the next page begins; none behind the last.
    pub cursor: Option<u64>,
}

pub fn too_large(what: &str, bytes: usize, most: usize) -> Error {
    Error::other(format!("{what} has {bytes} bytes, and at most {most} may be"))
}

pub fn check_key(key: &str) -> Answered<()> {
    match key.len() {
        1..=MAX_KEY => Ok(()),
        0 => Err(Error::other("the key is empty")),
        n => Err(too_large("the key", n, MAX_KEY)),
    }
}

pub fn check_value(key: &str, value: &[u8]) -> Answered<()> {
    check_key(key)?;
    match value.len() {
        0..=MAX_VALUE => Ok(()),
        n => Err(too_large("the value", n, MAX_VALUE)),
    }
}

pub fn check_count(count: usize) -> Answered<()> {
    match count {
        0..=MAX_KEYS => Ok(()),
        n => Err(Error::other(format!(
            "{n} keys in a call, and at most {MAX_KEYS} may be"
        ))),
    }
}
