//! Calls of preview 1 in scripts, for tests of what comes of them.
#![allow(dead_code)]

mod functions;
pub mod furniture;
mod script;
pub mod words;

pub use functions::Functions;
pub use script::{Expectation, Script};
pub use words::error;

/// Each is a guest of its own, in files of its own.
pub const SCRIPTS: &[(&str, &str)] = &[
    ("process", include_str!("scripts/process.txt")),
    ("descriptors", include_str!("scripts/descriptors.txt")),
    ("data", include_str!("scripts/data.txt")),
    ("open", include_str!("scripts/open.txt")),
    ("paths", include_str!("scripts/paths.txt")),
    ("readdir", include_str!("scripts/readdir.txt")),
    ("poll", include_str!("scripts/poll.txt")),
];
/// This one wants file systems of its own.
pub const MOUNTS: (&str, &str) = ("mounts", include_str!("scripts/mounts.txt"));
/// Each line is one.
pub const TRAPS: &str = include_str!("scripts/traps.txt");
