//! Rust as a row of words and signs: without comments, without what is quoted, and without its unit tests.

/// The words (names and keywords) and signs of a file; `::` is one sign.
pub fn tokens(source: &str) -> Vec<String> {
    let mut rest = source;
    let mut found = Vec::new();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => quoted(rest),
            '\'' => character(rest),
            'r' | 'b' if raw(rest).is_some() => raw(rest).unwrap_or(1),
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            ':' if rest.starts_with("::") => 2,
            c => c.len_utf8(),
        };
        let (token, behind) = rest.split_at(length);
        if is_word(first) && !token.contains('"') || first.is_ascii_punctuation() && token.len() <= 2 {
            found.push(token.to_owned());
        }
        rest = behind;
    }
    without_tests(found)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of a string that may have escapes.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

/// The length of a character in quotes; a lifetime is only its quote.
fn character(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((at, c))) => {
            let behind = at + c.len_utf8();
            text[behind..].find('\'').map_or(1, |end| behind + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

/// The length of a string that begins with `r`, `b` or both, if it is one.
fn raw(text: &str) -> Option<usize> {
    let prefix = text
        .find(['"', '#'])
        .filter(|at| ["r", "b", "br"].contains(&&text[..*at]))?;
    let hashes = text[prefix..].bytes().take_while(|b| *b == b'#').count();
    let begin = prefix + hashes;
    if !text[begin..].starts_with('"') {
        return None;
    }
    if !text[..prefix].contains('r') {
        return Some(begin + quoted(&text[begin..]));
    }
    let end = format!("\"{}", "#".repeat(hashes));
    text[begin + 1..].find(&end).map(|at| begin + 1 + at + end.len())
}

/// Leaves out `#[cfg(test)] mod NAME { … }`.
fn without_tests(mut tokens: Vec<String>) -> Vec<String> {
    const MARK: [&str; 8] = ["#", "[", "cfg", "(", "test", ")", "]", "mod"];
    while let Some(at) = tokens.windows(MARK.len()).position(|w| w == MARK) {
        let mut depth = 0;
        let end = tokens[at..].iter().position(|token| {
            depth += i32::from(token == "{") - i32::from(token == "}");
            token == "}" && depth == 0
        });
        let end = end.map_or(tokens.len(), |length| at + length + 1);
        tokens.drain(at..end);
    }
    tokens
}
