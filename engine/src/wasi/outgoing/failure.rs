//! What a guest is told of a failure: WASI's word for its cause.

use crate::network::Denial;
use crate::network::names::Failure;
use std::error::Error as _;
use std::io;
use tokio_rustls::rustls;
use wasmtime_wasi_http::Error;

/// Of a name or an address that is not reached.
pub fn of_denial(denial: Denial) -> Error {
    let dns = |rcode: Option<String>| Error::DnsError { rcode, info_code: None };
    match denial {
        Denial::NoRule => Error::HttpRequestDenied,
        Denial::NoAddress => Error::DestinationIpProhibited,
        Denial::Name(Failure::Unknown(code) | Failure::Refused(code)) => dns(Some(code)),
        Denial::Name(Failure::Timeout) => Error::DnsTimeout,
        Denial::Name(Failure::Impossible(_)) => dns(None),
    }
}

/// Of a connection that is not made.
pub fn of_connect(error: &io::Error) -> Error {
    match error.raw_os_error() {
        Some(libc::ECONNREFUSED | libc::ECONNRESET) => Error::ConnectionRefused,
        Some(libc::ETIMEDOUT) => Error::ConnectionTimeout,
        Some(libc::ENETUNREACH | libc::EHOSTUNREACH | libc::EADDRNOTAVAIL) => Error::DestinationIpUnroutable,
        Some(libc::EACCES | libc::EPERM) => Error::DestinationIpProhibited,
        Some(libc::EMFILE | libc::ENFILE) => Error::ConnectionLimitReached,
        _ => Error::DestinationUnavailable,
    }
}

/// Of two sides that do not agree on TLS.
pub fn of_tls(error: &io::Error) -> Error {
    use rustls::Error as Tls;
    match error.get_ref().and_then(|e| e.downcast_ref::<Tls>()) {
        Some(Tls::InvalidCertificate(_) | Tls::NoCertificatesPresented) => Error::TlsCertificateError,
        Some(Tls::AlertReceived(alert)) => Error::TlsAlertReceived {
            alert_id: Some(u8::from(*alert)),
            alert_message: Some(format!("{alert:?}")),
        },
        Some(_) => Error::TlsProtocolError,
        None => Error::ConnectionTerminated,
    }
}

/// Of a request that has no response.
pub fn of_request(error: &hyper::Error) -> Error {
    // What the content of the request came to; its own error cannot be had out of hyper's.
    match error.source().and_then(|e| e.downcast_ref::<Error>()) {
        Some(Error::HttpRequestBodySize(size)) => Error::HttpRequestBodySize(*size),
        Some(other) => Error::InternalError(Some(other.to_string())),
        None => of_response(error),
    }
}

/// Of a response that does not come to its end.
pub fn of_response(error: &hyper::Error) -> Error {
    if error.is_parse_too_large() {
        return Error::HttpResponseHeaderSectionSize(None);
    }
    if error.is_incomplete_message() {
        return Error::HttpResponseIncomplete;
    }
    if error.is_closed() || error.is_canceled() {
        return Error::ConnectionTerminated;
    }
    match error.source().and_then(|e| e.downcast_ref::<io::Error>()) {
        Some(e) if e.get_ref().is_some_and(|e| e.is::<rustls::Error>()) => of_tls(e),
        Some(e) if e.kind() == io::ErrorKind::UnexpectedEof => Error::HttpResponseIncomplete,
        Some(_) => Error::ConnectionTerminated,
        None => Error::HttpProtocolError,
    }
}
