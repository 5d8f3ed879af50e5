//! What a request says of itself, the one that came and one that could be sent.

use crate::check::Interface;
use wasip2::http::types::{Fields, IncomingRequest, Method, OutgoingRequest, RequestOptions, Scheme};

const HTTP: Interface = Interface("wasi:http/types");

pub fn incoming(request: &IncomingRequest) {
    check!(
        HTTP,
        "[method]incoming-request.method",
        matches!(request.method(), Method::Put)
    );
    let path = request.path_with_query();
    check!(
        HTTP,
        "[method]incoming-request.path-with-query",
        path.as_deref() == Some("/checks?a=b")
    );
    check!(
        HTTP,
        "[method]incoming-request.scheme",
        matches!(request.scheme(), Some(Scheme::Http))
    );
    check!(
        HTTP,
        "[method]incoming-request.authority",
        request.authority().as_deref() == Some("conformance")
    );
    let headers = request.headers();
    check!(
        HTTP,
        "[method]incoming-request.headers",
        headers.get("X-Many") == [b"one", b"two"]
    );
    check!(
        HTTP,
        "[method]incoming-request.headers",
        headers.append("x", b"y").is_err()
    );
}

pub fn outgoing() {
    let request = OutgoingRequest::new(Fields::new());
    check!(
        HTTP,
        "[constructor]outgoing-request",
        request.headers().entries().is_empty()
    );
    check!(
        HTTP,
        "[method]outgoing-request.method",
        matches!(request.method(), Method::Get)
    );
    check!(
        HTTP,
        "[method]outgoing-request.path-with-query",
        request.path_with_query().is_none()
    );
    check!(HTTP, "[method]outgoing-request.scheme", request.scheme().is_none());
    check!(
        HTTP,
        "[method]outgoing-request.authority",
        request.authority().is_none()
    );
    let own = Method::Other("PROPFIND".to_owned());
    check!(
        HTTP,
        "[method]outgoing-request.set-method",
        request.set_method(&own).is_ok()
    );
    check!(
        HTTP,
        "[method]outgoing-request.method",
        matches!(request.method(), Method::Other(name) if name == "PROPFIND")
    );
    let none = Method::Other("NO METHOD".to_owned());
    check!(
        HTTP,
        "[method]outgoing-request.set-method",
        request.set_method(&none).is_err()
    );
    check!(
        HTTP,
        "[method]outgoing-request.set-path-with-query",
        request.set_path_with_query(Some("/a?b=c")).is_ok()
    );
    check!(
        HTTP,
        "[method]outgoing-request.path-with-query",
        request.path_with_query().as_deref() == Some("/a?b=c")
    );
    check!(
        HTTP,
        "[method]outgoing-request.set-path-with-query",
        request.set_path_with_query(Some("a b")).is_err()
    );
    check!(
        HTTP,
        "[method]outgoing-request.set-scheme",
        request.set_scheme(Some(&Scheme::Https)).is_ok()
    );
    check!(
        HTTP,
        "[method]outgoing-request.scheme",
        matches!(request.scheme(), Some(Scheme::Https))
    );
    let none = Scheme::Other("no scheme".to_owned());
    check!(
        HTTP,
        "[method]outgoing-request.set-scheme",
        request.set_scheme(Some(&none)).is_err()
    );
    check!(
        HTTP,
        "[method]outgoing-request.set-authority",
        request.set_authority(Some("host:80")).is_ok()
    );
    check!(
        HTTP,
        "[method]outgoing-request.authority",
        request.authority().as_deref() == Some("host:80")
    );
    check!(
        HTTP,
        "[method]outgoing-request.set-authority",
        request.set_authority(Some("no host")).is_err()
    );
}

pub fn options() {
    let options = RequestOptions::new();
    check!(
        HTTP,
        "[constructor]request-options",
        options.connect_timeout().is_none()
    );
    check!(
        HTTP,
        "[method]request-options.set-connect-timeout",
        options.set_connect_timeout(Some(1)).is_ok()
    );
    check!(
        HTTP,
        "[method]request-options.connect-timeout",
        options.connect_timeout() == Some(1)
    );
    check!(
        HTTP,
        "[method]request-options.set-first-byte-timeout",
        options.set_first_byte_timeout(Some(2)).is_ok()
    );
    check!(
        HTTP,
        "[method]request-options.first-byte-timeout",
        options.first_byte_timeout() == Some(2)
    );
    let set = options.set_between_bytes_timeout(Some(3)).is_ok();
    check!(HTTP, "[method]request-options.set-between-bytes-timeout", set);
    check!(
        HTTP,
        "[method]request-options.between-bytes-timeout",
        options.between_bytes_timeout() == Some(3)
    );
    check!(
        HTTP,
        "[method]request-options.set-connect-timeout",
        options.set_connect_timeout(None).is_ok()
    );
    check!(
        HTTP,
        "[method]request-options.connect-timeout",
        options.connect_timeout().is_none()
    );
}
