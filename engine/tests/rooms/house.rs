//! A crate's files and rooms: the graphs of both, and what breaks the rules.

use crate::graph::Graph;
use crate::sources::{Source, sources};
use crate::table::Table;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

/// Lines of a file and of a function.
const LIMITS: (usize, usize) = (300, 30);

/// A crate with its table of rooms.
pub struct House {
    sources: Vec<Source>,
    table: Table,
}

impl House {
    /// The sources in `folder`, and the rooms of the table.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn of(folder: &Path, table: Table) -> io::Result<Self> {
        let mut sources = sources(folder)?;
        // What only says which modules there are.
        sources.retain(|source| !source.module.is_empty());
        Ok(Self { sources, table })
    }

    /// How many lines there are.
    pub fn lines(&self) -> usize {
        self.sources.iter().map(|source| source.lines).sum()
    }

    /// Each file, and which others it imports.
    pub fn files(&self) -> Graph {
        self.graph(|module| module.to_owned())
    }

    /// Each room, and which others it imports.
    pub fn rooms(&self) -> Graph {
        self.graph(|module| self.room_of(module))
    }

    fn graph(&self, node: impl Fn(&str) -> String) -> Graph {
        let mut graph = Graph::default();
        for source in &self.sources {
            graph.node(&node(&source.module));
            let imports = source.imports.iter().filter(|module| !module.is_empty());
            imports.for_each(|module| graph.arrow(&node(&source.module), &node(module)));
        }
        graph
    }

    /// The room that the table says; without one a folder is a room, but one that has folders is as many as it has modules.
    fn room_of(&self, module: &str) -> String {
        if let Some(room) = self.table.room_of(module) {
            return room.clone();
        }
        let mut names = module.split("::");
        let first = names.next().unwrap_or_default();
        let has_folders = |source: &Source| source.file.starts_with(first) && source.file.iter().count() > 2;
        match names.next().filter(|_| self.sources.iter().any(has_folders)) {
            Some(second) => format!("{first}::{second}"),
            None => first.to_owned(),
        }
    }

    /// A sentence for everything that the table or the house style does not allow.
    pub fn faults(&self) -> Vec<String> {
        let faults = [
            self.strays(),
            self.forbidden(),
            self.unused(),
            self.circles(),
            self.too_long(),
        ];
        faults.into_iter().flatten().collect()
    }

    fn strays(&self) -> Vec<String> {
        let strays = self
            .sources
            .iter()
            .filter(|source| self.table.room_of(&source.module).is_none());
        let mut faults: Vec<_> = strays.map(|s| format!("{} is in no room", s.file.display())).collect();
        let used: BTreeSet<_> = self
            .sources
            .iter()
            .filter_map(|s| self.table.room_of(&s.module))
            .collect();
        let empty = self.table.rooms().filter(|room| !used.contains(room));
        faults.extend(empty.map(|room| format!("room {room} has no file")));
        faults
    }

    fn forbidden(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for source in &self.sources {
            let room = self.room_of(&source.module);
            let wrong = source
                .imports
                .iter()
                .filter(|m| !self.table.allows(&room, &self.room_of(m)));
            faults.extend(wrong.map(|module| format!("{} may not import {module}", source.file.display())));
        }
        faults
    }

    fn unused(&self) -> Vec<String> {
        let rooms = self.rooms();
        let arrows: BTreeSet<_> = rooms.arrows().collect();
        let allowed = self
            .table
            .rooms()
            .flat_map(|room| self.table.allowances(room).map(move |to| (room, to)));
        let unused = allowed.filter(|arrow| !arrows.contains(arrow));
        unused
            .map(|(room, to)| format!("{room} need not import {to}"))
            .collect()
    }

    fn circles(&self) -> Vec<String> {
        let circles = self.rooms().circles();
        let names = |circle: BTreeSet<String>| circle.into_iter().collect::<Vec<_>>().join(", ");
        let fault = |circle| format!("rooms import each other: {}", names(circle));
        circles.into_iter().map(fault).collect()
    }

    fn too_long(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for source in &self.sources {
            let (file, (line, length)) = (source.file.display(), source.longest);
            if source.lines > LIMITS.0 {
                faults.push(format!("{file} has {} lines, the limit is {}", source.lines, LIMITS.0));
            }
            if length > LIMITS.1 {
                faults.push(format!(
                    "{file}:{line}: a function of {length} lines, the limit is {}",
                    LIMITS.1
                ));
            }
        }
        faults
    }
}
