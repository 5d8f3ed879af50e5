//! The table of rooms in ARCHITECTURE.md: a row for each, with what it may import.

use std::collections::{BTreeMap, BTreeSet};

/// What every room may import.
pub const COMMON: [&str; 2] = ["lock", "refusal"];

const HEADING: &str = "## Rooms of the engine";

/// The rooms, and what each may import of the others.
#[derive(Debug, Default)]
pub struct Table {
    rows: BTreeMap<String, BTreeSet<String>>,
}

impl Table {
    /// Reads the first table below the heading: a room in its first column, what it may import in its last.
    pub fn read(document: &str) -> Self {
        let lines = document.lines().skip_while(|line| *line != HEADING).skip(1);
        let table = lines
            .skip_while(|line| !line.starts_with('|'))
            .take_while(|line| line.starts_with('|'));
        let row = |line: &str| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
            let room = quoted(cells.first()?).next()?;
            Some((room, quoted(cells.last()?).collect()))
        };
        Self {
            rows: table.filter_map(row).collect(),
        }
    }

    /// The rooms.
    pub fn rooms(&self) -> impl Iterator<Item = &String> {
        self.rows.keys()
    }

    /// The room that a module is in: the row with the longest name that begins the module's.
    pub fn room_of(&self, module: &str) -> Option<&String> {
        let within = |room: &&String| module == *room || module.starts_with(&format!("{room}::"));
        self.rows.keys().filter(within).max_by_key(|room| room.len())
    }

    /// What a room may import beside what all may.
    pub fn allowances(&self, room: &str) -> impl Iterator<Item = &String> {
        self.rows.get(room).into_iter().flatten()
    }

    /// Whether one room may import another.
    pub fn allows(&self, from: &str, to: &str) -> bool {
        from == to || COMMON.contains(&to) || self.allowances(from).any(|allowed| allowed == to)
    }
}

/// What stands in backquotes.
fn quoted(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned)
}
