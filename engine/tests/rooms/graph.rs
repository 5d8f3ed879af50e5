//! Who imports whom, as layers: every arrow goes to a lower floor, but those within a circle.

use std::collections::{BTreeMap, BTreeSet};

type Names = BTreeSet<String>;

/// Nodes and the arrows between them.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    arrows: BTreeMap<String, Names>,
}

impl Graph {
    /// A node, which may have no arrows.
    pub fn node(&mut self, name: &str) {
        self.arrows.entry(name.to_owned()).or_default();
    }

    /// An arrow between two nodes; none from a node to itself.
    pub fn arrow(&mut self, from: &str, to: &str) {
        self.node(from);
        self.node(to);
        if from != to
            && let Some(targets) = self.arrows.get_mut(from)
        {
            targets.insert(to.to_owned());
        }
    }

    /// All nodes.
    pub fn nodes(&self) -> impl Iterator<Item = &String> {
        self.arrows.keys()
    }

    /// All arrows.
    pub fn arrows(&self) -> impl Iterator<Item = (&String, &String)> {
        self.arrows
            .iter()
            .flat_map(|(from, to)| to.iter().map(move |to| (from, to)))
    }

    /// What can be reached from a node, itself only in a circle.
    pub fn reached(&self, from: &str) -> Names {
        let (mut reached, mut open) = (Names::new(), vec![from.to_owned()]);
        while let Some(name) = open.pop() {
            let targets = self.arrows.get(&name).into_iter().flatten();
            open.extend(targets.filter(|to| reached.insert((*to).clone())).cloned());
        }
        reached
    }

    /// The nodes that reach each other, in groups of two and more.
    pub fn circles(&self) -> Vec<Names> {
        let reach: BTreeMap<&String, Names> = self.nodes().map(|n| (n, self.reached(n))).collect();
        let circle = |n: &String| reach[n].iter().filter(|m| reach[m].contains(n)).cloned().collect();
        let circles: BTreeSet<Names> = self.nodes().map(circle).filter(|c: &Names| c.len() > 1).collect();
        circles.into_iter().collect()
    }

    /// The floor of each node: 0 imports nothing, every other one stands on the floor below it. A circle has one floor.
    pub fn floors(&self) -> BTreeMap<String, usize> {
        let circles = self.circles();
        let together = |a: &String, b: &String| circles.iter().any(|c| c.contains(a) && c.contains(b));
        let mut floors: BTreeMap<String, usize> = self.nodes().map(|n| (n.clone(), 0)).collect();
        for _ in 0..floors.len() {
            for (from, to) in self.arrows() {
                let above = floors[to] + usize::from(!together(from, to));
                let circle = circles.iter().find(|c| c.contains(from)).cloned();
                for node in circle.unwrap_or_else(|| [from.clone()].into()) {
                    let floor = floors.entry(node).or_default();
                    *floor = above.max(*floor);
                }
            }
        }
        floors
    }

    /// Without the arrows that lead where others lead as well.
    pub fn reduced(&self) -> Self {
        let mut reduced = self.clone();
        for (from, to) in self.arrows() {
            let others = self.arrows[from].iter().filter(|other| *other != to);
            let implied = others.clone().any(|other| self.reached(other).contains(to));
            if let Some(targets) = reduced.arrows.get_mut(from)
                && implied
            {
                targets.remove(to);
            }
        }
        reduced
    }

    /// The arrows that go up where the nodes stand in the best order that is quickly found: who is imported by most and
    /// imports least goes down first.
    pub fn up(&self) -> Vec<(String, String)> {
        let (mut left, mut order) = (self.clone(), Vec::new());
        while let Some(next) = left.lowest() {
            left.arrows.remove(&next);
            left.arrows
                .values_mut()
                .for_each(|targets| targets.retain(|to| *to != next));
            order.push(next);
        }
        let place = |name: &String| order.iter().position(|n| n == name);
        let up = self.arrows().filter(|(from, to)| place(from) < place(to));
        up.map(|(from, to)| (from.clone(), to.clone())).collect()
    }

    fn lowest(&self) -> Option<String> {
        let imported = |name: &String| self.arrows.values().filter(|to| to.contains(name)).count() as isize;
        let sinks = self.arrows.iter().find(|(_, to)| to.is_empty()).map(|(name, _)| name);
        let best = || {
            self.arrows
                .iter()
                .min_by_key(|(name, to)| to.len() as isize - imported(name))
        };
        sinks.or_else(|| best().map(|(name, _)| name)).cloned()
    }
}
