//! The guests, and running them.

#[path = "command.rs"]
pub mod command;
#[path = "service.rs"]
pub mod service;

use crate::interfaces;
use std::collections::BTreeSet;

/// As `guests/build.sh` makes them.
pub const COMMAND: &[u8] = include_bytes!("../guests/command/command.wasm");
pub const SERVICE: &[u8] = include_bytes!("../guests/service/service.wasm");

/// Functions that any of them imports.
pub fn called() -> BTreeSet<String> {
    let each = [COMMAND, SERVICE].map(|guest| interfaces::of_component(guest).0);
    each.into_iter().flatten().collect()
}

/// Whether it is a function that a guest has and the engine calls.
pub fn exported(function: &str) -> bool {
    let mut each = [COMMAND, SERVICE].iter().map(|guest| interfaces::of_component(guest).1);
    each.any(|exports| exports.contains(function))
}
