//! The words of scripts: errors and constants, as preview 1 numbers them.

use super::script::Expectation;

/// The errors in the order of their numbers.
pub const ERRORS: &str = "success 2big acces addrinuse addrnotavail afnosupport again already badf badmsg busy canceled \
    child connaborted connrefused connreset deadlk destaddrreq dom dquot exist fault fbig hostunreach idrm ilseq \
    inprogress intr inval io isconn isdir loop mfile mlink msgsize multihop nametoolong netdown netreset netunreach nfile \
    nobufs nodev noent noexec nolck nolink nomem nomsg noprotoopt nospc nosys notconn notdir notempty notrecoverable \
    notsock notsup notty nxio overflow ownerdead perm pipe proto protonosupport prototype range rofs spipe srch stale \
    timedout txtbsy xdev notcapable";

const CONSTANTS: &[(&str, u64)] = &[
    // Rights.
    ("READ", 0x2),
    ("SEEK", 0x4),
    ("WRITE", 0x40),
    ("ALL", 0x1fff_ffff),
    // How to open.
    ("CREAT", 1),
    ("DIRECTORY", 2),
    ("EXCL", 4),
    ("TRUNC", 8),
    // Flags of descriptors.
    ("APPEND", 1),
    ("DSYNC", 2),
    ("NONBLOCK", 4),
    ("RSYNC", 8),
    ("SYNC", 16),
    // How to follow.
    ("NOFOLLOW", 0),
    ("FOLLOW", 1),
    // Whence.
    ("SET", 0),
    ("CUR", 1),
    ("END", 2),
    // Which times.
    ("ATIM", 1),
    ("ATIM_NOW", 2),
    ("MTIM", 4),
    ("MTIM_NOW", 8),
    // Types of files.
    ("CHARACTER_DEVICE", 2),
    ("A_DIRECTORY", 3),
    ("REGULAR_FILE", 4),
    ("SYMBOLIC_LINK", 7),
    // Clocks.
    ("REALTIME", 0),
    ("MONOTONIC", 1),
    ("PROCESS_CPUTIME", 2),
    ("THREAD_CPUTIME", 3),
    // Subscriptions.
    ("CLOCK", 0),
    ("FD_READ", 1),
    ("FD_WRITE", 2),
    ("ABSTIME", 1),
];

/// A number, a constant's name, or several of these with `|` between.
pub fn number(word: &str) -> u64 {
    word.split('|').map(one).fold(0, |all, one| all | one)
}

fn one(word: &str) -> u64 {
    if let Some((_, value)) = CONSTANTS.iter().find(|(name, _)| *name == word) {
        return *value;
    }
    let parsed = match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => word.parse().ok().or_else(|| word.parse::<i64>().ok().map(|n| n as u64)),
    };
    parsed.unwrap_or_else(|| panic!("{word} is no number"))
}

pub fn expectation(text: &str) -> Expectation {
    match text.split_once(" not ") {
        Some((is, says)) => Expectation::Deviates(result(is), result(says)),
        None if text == "nonzero" => Expectation::NotZero,
        None if text == "trap" => Expectation::Never,
        None => Expectation::Is(result(text)),
    }
}

fn result(word: &str) -> u64 {
    let word = word.trim();
    let error = ERRORS.split_whitespace().position(|name| name == word);
    error.map_or_else(|| number(word), |n| n as u64)
}

/// The name of the error of this number.
pub fn error(result: u64) -> &'static str {
    ERRORS
        .split_whitespace()
        .nth(result as usize)
        .unwrap_or("no error's number")
}
