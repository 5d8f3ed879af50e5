//! The rooms of the engine: who imports whom, held to the table in ARCHITECTURE.md. As a program of its own
//! (`scripts/rooms.sh`) it prints the figures and draws the picture.

mod drawing;
mod figures;
mod graph;
mod house;
mod imports;
mod sources;
mod table;
#[cfg(test)]
mod tests;
mod tokens;

#[cfg(not(test))]
fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    print!("{}", figures::answer(&arguments)?);
    Ok(())
}
