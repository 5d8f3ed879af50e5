//! Names of hosts, in the one form in which they are compared.

use hickory_resolver::proto::rr::Name;
use std::fmt;

const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

/// A host's name: lower case, of letters, digits, hyphens and underscores, without a dot at its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hostname {
    text: String,
    absolute: bool,
}

impl Hostname {
    /// Reads a name, one with other letters than ASCII's as IDNA writes it. None if it can be nobody's; a name whose last
    /// label is a number would be an address to some readers and none to others.
    pub fn parse(text: &str) -> Option<Self> {
        let ascii = match text.is_ascii() {
            true => text.to_owned(),
            false => Name::from_utf8(text).ok()?.to_ascii(),
        };
        let name = ascii.strip_suffix('.').unwrap_or(&ascii).to_ascii_lowercase();
        let last = name.rsplit('.').next()?;
        let number = last.bytes().all(|b| b.is_ascii_digit());
        let valid = name.len() <= MAX_NAME && name.split('.').all(is_label) && !number;
        valid.then_some(Self {
            text: name,
            absolute: ascii.ends_with('.'),
        })
    }

    /// Whether it was written with a dot at its end, which says that nothing may be appended to it.
    pub fn is_absolute(&self) -> bool {
        self.absolute
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is the other one, however both were written.
    pub fn is(&self, other: &Self) -> bool {
        self.text == other.text
    }

    /// Whether it has more labels before `other`.
    pub fn is_below(&self, other: &Self) -> bool {
        self.text
            .strip_suffix(&other.text)
            .is_some_and(|rest| rest.ends_with('.'))
    }
}

fn is_label(label: &str) -> bool {
    let known = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let edge = |c: char| c == '-';
    !label.is_empty() && label.len() <= MAX_LABEL && label.bytes().all(known) && !label.starts_with(edge)
}

impl fmt::Display for Hostname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Hostname;

    fn name(text: &str) -> Hostname {
        Hostname::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn names_are_compared_as_dns_compares_them() {
        assert!(name("API.Example.com.").is(&name("api.example.com")));
        assert!(name("a.b.example.com").is_below(&name("example.com")));
        assert!(!name("example.com").is_below(&name("example.com")));
        assert!(!name("badexample.com").is_below(&name("example.com")));
        assert_eq!(name("žluť.example").as_str(), "xn--lu-yta1h.example");
        assert!(name("db.").is_absolute() && !name("db").is_absolute());
    }

    #[test]
    fn what_can_be_no_hosts_name_is_none() {
        let long = "a".repeat(64);
        for text in [
            "",
            ".",
            "a..b",
            "-a",
            "a b",
            "a/b",
            "10.0.0.256",
            "127.1",
            "1",
            "a:80",
            "*",
            &long,
        ] {
            assert_eq!(Hostname::parse(text), None, "{text}");
        }
    }
}
