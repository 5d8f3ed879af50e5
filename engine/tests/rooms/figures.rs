//! What the command line shows: the figures of a crate's rooms, and their picture.

use crate::drawing::svg;
use crate::graph::Graph;
use crate::house::House;
use crate::table::Table;
use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// The answer to the arguments SOURCES DOCUMENT [--svg]: the rooms of the sources as the document's table has them.
///
/// # Errors
/// When a file cannot be read, or the arguments are others.
pub fn answer(arguments: &[&str]) -> io::Result<String> {
    let (folder, document, drawn) = match arguments {
        [folder, document] => (folder, document, false),
        [folder, document, "--svg"] => (folder, document, true),
        _ => return Err(io::Error::other("usage: rooms SOURCES DOCUMENT [--svg]")),
    };
    let house = House::of(Path::new(folder), Table::read(&fs::read_to_string(document)?))?;
    Ok(match drawn {
        true => svg(&house.rooms()),
        false => figures(&house),
    })
}

fn figures(house: &House) -> String {
    let rooms = house.rooms();
    let mut by_floor: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (room, floor) in rooms.floors() {
        by_floor.entry(floor).or_default().push(room);
    }
    let floors = by_floor
        .iter()
        .rev()
        .map(|(floor, rooms)| format!("floor {floor}: {}", rooms.join(" · ")));
    let up = rooms.up();
    let up = up.iter().map(|(from, to)| format!("up: {from} -> {to}"));
    let lines: Vec<String> = floors.chain(up).collect();
    let files = summary("files", &house.files());
    format!(
        "{}\n{}{files}lines: {}\n",
        lines.join("\n"),
        summary("rooms", &rooms),
        house.lines()
    )
}

fn summary(what: &str, graph: &Graph) -> String {
    let floors = graph.floors().values().max().map_or(0, |top| top + 1);
    let (nodes, arrows, up) = (graph.nodes().count(), graph.arrows().count(), graph.up().len());
    let circle = |names: &_| format!("  circle of {}\n", listed(names));
    let circles: String = graph.circles().iter().map(circle).collect();
    format!("{what}: {nodes} on {floors} floors, {arrows} arrows, {up} up\n{circles}")
}

fn listed(names: &std::collections::BTreeSet<String>) -> String {
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    format!("{}: {}", names.len(), names.join(", "))
}
