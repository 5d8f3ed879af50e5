//! Services: what they answer, how their requests fail one by one, what bounds them, and how they end.

#[path = "../common/mod.rs"]
mod common;
mod files;
mod service;
mod serving;
mod settings;
