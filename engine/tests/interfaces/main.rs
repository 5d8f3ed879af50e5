//! Interfaces that are drafts: what is behind them, held against the types of their standard.

#[path = "../common/mod.rs"]
mod common;

mod config;
mod forwarding;
mod keyvalue;
mod logging;
mod redis;
