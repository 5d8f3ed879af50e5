//! The messages and the service of `engine.proto`, generated while building.
#![allow(missing_docs, clippy::all)]

include!(concat!(env!("OUT_DIR"), "/modules.rs"));
