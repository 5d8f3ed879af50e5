//! Takes memory, a mebibyte at a time, until it has what it was told or is refused: `memory [MEBIBYTES]`. As most
//! programs it does not expect a refusal, and ends by a trap.

use std::process::ExitCode;

const MEBIBYTE: usize = 1 << 20;

fn main() -> ExitCode {
    let wanted = match std::env::args().nth(1).map(|text| text.parse::<usize>()) {
        None => usize::MAX,
        Some(Ok(number)) => number,
        Some(Err(_)) => {
            eprintln!("usage: memory [MEBIBYTES]");
            return ExitCode::from(64);
        }
    };
    let mut held = Vec::new();
    while held.len() < wanted {
        held.push(vec![1_u8; MEBIBYTE]);
        println!("{} MiB", held.len());
    }
    ExitCode::SUCCESS
}
