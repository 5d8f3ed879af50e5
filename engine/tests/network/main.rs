//! What guests reach: names as their containers' files have them, HTTP with and without TLS, and what policy says.

#[path = "../common/mod.rs"]
mod common;
mod dns;
mod http;
mod names;
mod own;
mod pod;
mod policy;
mod ports;
mod services;
mod tls;
