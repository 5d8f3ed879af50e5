//! A line for each check: the function it is about, and whether it holds.

/// The checks of an interface.
pub struct Interface(pub &'static str);

impl Interface {
    /// Says whether what `function` did is right; `what` is the condition as it is written.
    pub fn says(&self, function: &str, holds: bool, what: &str) {
        let word = if holds { "ok" } else { "FAILED" };
        crate::report(&format!("{word} {}#{function}: {}", self.0, on_one_line(what)));
    }
}

/// Checks a condition about a function of an interface.
macro_rules! check {
    ($interface:expr, $function:literal, $condition:expr) => {
        $interface.says($function, $condition, stringify!($condition))
    };
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
