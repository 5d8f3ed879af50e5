//! Scripts of calls of preview 1, and the guests made of them.
//!
//! A line is a step: a function's name, its arguments, and what must come of it.
//!
//! ```text
//! path_open 3 0 "missing" 0 READ 0 0 @fd -> noent
//! fd_tell $fd @offset                    -> success
//! load64 @offset                         -> 5
//! clock_res_get 2 @time                  -> badf not inval
//! ```
//!
//! `"text"` is its address and its length, `@slot+8` an address in a place of that name, `$slot` the number that lies
//! there. `not` stands before what the specification says where the engine answers otherwise. Steps that are not WASI's:
//! `iovecs @v "text"… @slot:length…` makes a list of buffers, `storeN @slot value`, `loadN @slot` and `same @slot "text"`
//! write and read memory, `fill @slot length` puts the letter x there.

use super::functions::Functions;
use super::words::{expectation, number};
use std::collections::HashMap;
use std::fmt::Write;

const TEXTS: usize = 0x1000;
const SLOTS: usize = 0x10000;
const SLOT_BYTES: usize = 0x800;
const RESULTS: usize = 0x80000;
const PAGES: usize = 16;

/// What a step must give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// This number, or the error of that number.
    Is(u64),
    /// Any number but 0.
    NotZero,
    /// Nothing, for it ends the guest.
    Never,
    /// The first where the specification says the second.
    Deviates(u64, u64),
}

impl Expectation {
    pub fn holds(self, result: u64) -> bool {
        match self {
            Self::Is(wanted) | Self::Deviates(wanted, _) => result == wanted,
            Self::NotZero => result != 0,
            Self::Never => false,
        }
    }
}

/// A line of a script.
pub struct Step {
    /// As it is written, with its number.
    pub line: String,
    /// The function's name.
    pub function: String,
    /// What must come of it.
    pub expected: Expectation,
}

/// A guest that takes the steps and writes their results to its stdout, each in eight bytes.
pub struct Script {
    pub steps: Vec<Step>,
    pub text: String,
}

#[derive(Default)]
struct Memory {
    texts: Vec<u8>,
    slots: HashMap<String, usize>,
}

impl Memory {
    /// Where `text` begins and how long it is.
    fn text(&mut self, text: &str) -> (usize, usize) {
        let bytes = unescaped(text);
        let at = TEXTS + self.texts.len();
        self.texts.extend(&bytes);
        assert!(TEXTS + self.texts.len() <= SLOTS, "the texts are too long");
        (at, bytes.len())
    }

    /// Address of `name+offset`.
    fn slot(&mut self, place: &str) -> usize {
        let (name, offset) = place.split_once('+').unwrap_or((place, "0"));
        let next = SLOTS + self.slots.len() * SLOT_BYTES;
        assert!(next < RESULTS, "too many slots");
        *self.slots.entry(name.to_owned()).or_insert(next) + offset.parse::<usize>().unwrap()
    }
}

/// `\xNN` is a byte; nothing else is escaped.
fn unescaped(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(&part.as_bytes()[2..]);
    }
    bytes
}

/// The words of a line; what is between quotation marks is one, with the mark before it.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (n, part) in line.split('"').enumerate() {
        match n % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(format!("\"{part}")),
        }
    }
    words
}

impl Script {
    pub fn parse(source: &str, functions: &Functions) -> Self {
        let (mut steps, mut memory, mut body) = (Vec::new(), Memory::default(), String::new());
        for (n, line) in source.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (call, wanted) = line.rsplit_once("->").unwrap_or((line, ""));
            let words = words(call);
            let code = step(&words[0], &words[1..], functions, &mut memory);
            if wanted.is_empty() {
                writeln!(body, "{code}").unwrap();
                continue;
            }
            let at = RESULTS + 8 * steps.len();
            writeln!(body, "(i64.store (i32.const {at}) {code})").unwrap();
            steps.push(Step {
                line: format!("{}: {line}", n + 1),
                function: words[0].clone(),
                expected: expectation(wanted.trim()),
            });
        }
        let text = module(functions, &memory, &body, 8 * steps.len());
        Self { steps, text }
    }
}

fn module(functions: &Functions, memory: &Memory, body: &str, results: usize) -> String {
    let data: String = memory.texts.iter().map(|b| format!("\\{b:02x}")).collect();
    format!(
        r#"(module {}
  (memory (export "memory") {PAGES}) (data (i32.const {TEXTS}) "{data}")
  (func $same (param $a i32) (param $b i32) (param $left i32) (result i64)
    (loop $on
      (if (i32.eqz (local.get $left)) (then (return (i64.const 1))))
      (if (i32.ne (i32.load8_u (local.get $a)) (i32.load8_u (local.get $b))) (then (return (i64.const 0))))
      (local.set $a (i32.add (local.get $a) (i32.const 1)))
      (local.set $b (i32.add (local.get $b) (i32.const 1)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br $on))
    unreachable)
  (func (export "_start")
    {body}
    (i32.store (i32.const 0) (i32.const {RESULTS})) (i32.store (i32.const 4) (i32.const {results}))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#,
        functions.imports()
    )
}

/// The code of a step; it leaves a 64-bit result, or nothing where the line expects none.
fn step(name: &str, arguments: &[String], functions: &Functions, memory: &mut Memory) -> String {
    if name == "iovecs" {
        return iovecs(arguments, memory);
    }
    if name == "fill" {
        let at = memory.slot(&arguments[0][1..]);
        let length = number(&arguments[1]);
        return format!("(memory.fill (i32.const {at}) (i32.const 120) (i32.const {length}))");
    }
    if name == "same" {
        let at = memory.slot(&arguments[0][1..]);
        let (text, length) = memory.text(&arguments[1][1..]);
        return format!("(call $same (i32.const {at}) (i32.const {text}) (i32.const {length}))");
    }
    if let Some(bits) = name.strip_prefix("store") {
        let at = memory.slot(&arguments[0][1..]);
        let value = value(&arguments[1], "i64", memory);
        return match bits {
            "64" => format!("(i64.store (i32.const {at}) {value})"),
            _ => format!("(i64.store{bits} (i32.const {at}) {value})"),
        };
    }
    if let Some(bits) = name.strip_prefix("load") {
        let at = memory.slot(&arguments[0][1..]);
        return match bits {
            "64" => format!("(i64.load (i32.const {at}))"),
            _ => format!("(i64.load{bits}_u (i32.const {at}))"),
        };
    }
    call(name, arguments, functions, memory)
}

fn iovecs(arguments: &[String], memory: &mut Memory) -> String {
    let list = memory.slot(&arguments[0][1..]);
    let mut code = String::new();
    for (n, argument) in arguments[1..].iter().enumerate() {
        let (at, length) = match argument.strip_prefix('"') {
            Some(text) => memory.text(text),
            None => {
                let (slot, length) = argument[1..].split_once(':').expect("@slot:length");
                (memory.slot(slot), length.parse().unwrap())
            }
        };
        for (field, value) in [(0, at), (4, length)] {
            let place = list + 8 * n + field;
            write!(code, "(i32.store (i32.const {place}) (i32.const {value}))").unwrap();
        }
    }
    code
}

fn call(name: &str, arguments: &[String], functions: &Functions, memory: &mut Memory) -> String {
    let function = functions.of(name);
    let mut parameters = function.parameters.iter();
    let mut code = format!("(call ${name}");
    for argument in arguments {
        let kind = parameters
            .next()
            .unwrap_or_else(|| panic!("{name}: too many arguments"));
        if let Some(text) = argument.strip_prefix('"') {
            let (at, length) = memory.text(text);
            parameters.next();
            write!(code, " (i32.const {at}) (i32.const {length})").unwrap();
        } else {
            write!(code, " {}", value(argument, kind, memory)).unwrap();
        }
    }
    assert_eq!(parameters.next(), None, "{name}: too few arguments");
    format!("(i64.extend_i32_u {code}))")
}

fn value(argument: &str, kind: &str, memory: &mut Memory) -> String {
    if let Some(slot) = argument.strip_prefix('@') {
        format!("({kind}.const {})", memory.slot(slot))
    } else if let Some(slot) = argument.strip_prefix('$') {
        let at = memory.slot(slot);
        format!("({kind}.load (i32.const {at}))")
    } else {
        format!("({kind}.const {})", number(argument))
    }
}
