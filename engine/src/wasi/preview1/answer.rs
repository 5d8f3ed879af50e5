//! How preview 1's functions answer.

use std::io;
use wasmtime_wasi::p1::types::Error;
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;

/// A value, or an error that the guest gets or that ends it.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of the file system.
pub fn failure(error: io::Error) -> Error {
    ErrorCode::from(error).into()
}

/// The number of an error, which the guest gets, or the trap that ends it.
///
/// # Errors
/// The trap.
pub fn answer(result: Result<()>) -> wasmtime::Result<i32> {
    match result {
        Ok(()) => Ok(0),
        Err(error) => Ok(u16::from(error.downcast()?).into()),
    }
}
