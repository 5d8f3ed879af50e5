//! Fields: names without case, several values a name, and what they refuse.

use crate::check::Interface;
use wasip2::http::types::{Fields, HeaderError, OutgoingRequest};

const HTTP: Interface = Interface("wasi:http/types");

fn list(pairs: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
        .collect()
}

pub fn checks() {
    let fields = Fields::new();
    check!(HTTP, "[constructor]fields", fields.entries().is_empty());
    check!(
        HTTP,
        "[method]fields.append",
        fields.append("X-Name", b"one").is_ok() && fields.append("x-name", b"two").is_ok()
    );
    check!(HTTP, "[method]fields.get", fields.get("x-NAME") == [b"one", b"two"]);
    check!(
        HTTP,
        "[method]fields.get",
        fields.get("x-none").is_empty() && fields.get("no name").is_empty()
    );
    check!(
        HTTP,
        "[method]fields.has",
        fields.has("X-NAME") && !fields.has("x-none") && !fields.has("no name")
    );
    check!(
        HTTP,
        "[method]fields.set",
        fields.set("x-name", &[b"three".to_vec()]).is_ok()
    );
    check!(HTTP, "[method]fields.set", fields.get("x-name") == [b"three"]);
    check!(
        HTTP,
        "[method]fields.entries",
        fields.entries().len() == 1 && fields.entries()[0].1 == b"three"
    );
    copies(&fields);
    check!(
        HTTP,
        "[method]fields.delete",
        fields.delete("X-Name").is_ok() && !fields.has("x-name")
    );
    check!(HTTP, "[method]fields.delete", fields.delete("x-none").is_ok());
    refusals(&fields);
    immutable();
}

fn copies(fields: &Fields) {
    let copy = fields.clone();
    check!(
        HTTP,
        "[method]fields.clone",
        copy.set("x-name", &[b"four".to_vec()]).is_ok()
    );
    check!(
        HTTP,
        "[method]fields.clone",
        fields.get("x-name") == [b"three"] && copy.get("x-name") == [b"four"]
    );
    let made = Fields::from_list(&list(&[("a", "1"), ("b", "2"), ("a", "3")])).unwrap();
    check!(
        HTTP,
        "[static]fields.from-list",
        made.get("a") == [b"1", b"3"] && made.entries().len() == 3
    );
}

fn refusals(fields: &Fields) {
    let syntax = |answer| matches!(answer, Err(HeaderError::InvalidSyntax));
    check!(HTTP, "[method]fields.append", syntax(fields.append("no name", b"x")));
    check!(
        HTTP,
        "[method]fields.append",
        syntax(fields.append("x-name", b"a\r\nb: c"))
    );
    check!(HTTP, "[method]fields.set", syntax(fields.set("", &[b"x".to_vec()])));
    check!(HTTP, "[method]fields.delete", syntax(fields.delete("no name")));
    check!(
        HTTP,
        "[static]fields.from-list",
        syntax(Fields::from_list(&list(&[("no name", "x")])).map(drop))
    );
    // What is the connection's business and not the guest's.
    let forbidden = |answer| matches!(answer, Err(HeaderError::Forbidden));
    check!(
        HTTP,
        "[method]fields.append",
        forbidden(fields.append("Connection", b"close"))
    );
    check!(
        HTTP,
        "[method]fields.set",
        forbidden(fields.set("transfer-encoding", &[b"chunked".to_vec()]))
    );
    check!(
        HTTP,
        "[static]fields.from-list",
        forbidden(Fields::from_list(&list(&[("Upgrade", "x")])).map(drop))
    );
}

/// Fields of a request that is made are not to be changed any more.
fn immutable() {
    let request = OutgoingRequest::new(Fields::from_list(&list(&[("a", "1")])).unwrap());
    let fields = request.headers();
    let immutable = |answer| matches!(answer, Err(HeaderError::Immutable));
    check!(HTTP, "[method]fields.append", immutable(fields.append("b", b"2")));
    check!(HTTP, "[method]fields.set", immutable(fields.set("a", &[b"2".to_vec()])));
    check!(HTTP, "[method]fields.delete", immutable(fields.delete("a")));
    check!(HTTP, "[method]outgoing-request.headers", fields.get("a") == [b"1"]);
    check!(HTTP, "[method]fields.clone", fields.clone().append("b", b"2").is_ok());
}
