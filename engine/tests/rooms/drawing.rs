//! A graph as a picture: floors one above the other, arrows down, through the floors between as straight as it goes.

use crate::graph::Graph;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const ROW: usize = 84;
const BOX: usize = 30;
const GAP: usize = 22;
const MARGIN: usize = 16;
/// Of a letter, and what a box has beside its letters.
const LETTER: usize = 8;
const PADDING: usize = 20;
/// How wide the place of an arrow is that passes through a floor.
const PASSAGE: usize = 10;
/// How often the order within the floors is put right.
const SWEEPS: usize = 24;

/// A place on a floor: a node's, or that of an arrow on its way down.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Node(String),
    Passage(String, String),
}

impl Place {
    fn width(&self) -> usize {
        match self {
            Self::Node(name) => name.len() * LETTER + PADDING,
            Self::Passage(..) => PASSAGE,
        }
    }
}

/// The floors, the topmost first, and which places of neighbouring floors are joined.
struct Plan {
    floors: Vec<Vec<Place>>,
    joined: BTreeSet<(Place, Place)>,
}

/// The graph as SVG, without the arrows that follow from others. It has no circles.
pub fn svg(graph: &Graph) -> String {
    let mut plan = plan(&graph.reduced());
    for sweep in 0..SWEEPS {
        plan.put_in_order(sweep % 2 == 0);
    }
    plan.draw()
}

fn plan(graph: &Graph) -> Plan {
    let floor_of = graph.floors();
    let top = floor_of.values().max().copied().unwrap_or_default();
    let mut floors = vec![Vec::new(); top + 1];
    for (name, floor) in &floor_of {
        floors[top - floor].push(Place::Node(name.clone()));
    }
    let mut joined = BTreeSet::new();
    for (from, to) in graph.arrows() {
        let mut last = Place::Node(from.clone());
        for floor in (floor_of[to] + 1..floor_of[from]).rev() {
            let passage = Place::Passage(from.clone(), to.clone());
            floors[top - floor].push(passage.clone());
            joined.insert((last, passage.clone()));
            last = passage;
        }
        joined.insert((last, Place::Node(to.clone())));
    }
    Plan { floors, joined }
}

impl Plan {
    /// Sorts each floor by the middle of what its places are joined to, on the floor above or the one below.
    fn put_in_order(&mut self, down: bool) {
        let middles = self.middles();
        let at = |place: &Place, floor: usize| middles[&(floor, place.clone())] as f64;
        let count = self.floors.len();
        for n in 1..count {
            let (floor, other) = if down { (n, n - 1) } else { (count - 1 - n, count - n) };
            let middle = |place: &Place| {
                let ends = self.joined.iter().filter_map(|(from, to)| match down {
                    true => (to == place).then_some(from),
                    false => (from == place).then_some(to),
                });
                let neighbours: Vec<f64> = ends
                    .filter(|end| self.floors[other].contains(end))
                    .map(|end| at(end, other))
                    .collect();
                match neighbours.len() {
                    0 => at(place, floor),
                    n => neighbours.iter().sum::<f64>() / n as f64,
                }
            };
            let mut order: Vec<_> = self.floors[floor].iter().map(|p| (middle(p), p.clone())).collect();
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
            self.floors[floor] = order.into_iter().map(|(_, place)| place).collect();
        }
    }

    fn width_of(floor: &[Place]) -> usize {
        floor.iter().map(|place| place.width() + GAP).sum::<usize>()
    }

    fn width(&self) -> usize {
        self.floors
            .iter()
            .map(|floor| Self::width_of(floor))
            .max()
            .unwrap_or_default()
    }

    /// Where the middle of each place is, by its floor.
    fn middles(&self) -> BTreeMap<(usize, Place), usize> {
        let mut middles = BTreeMap::new();
        for (n, floor) in self.floors.iter().enumerate() {
            let spare = (self.width() - Self::width_of(floor)) / (floor.len() + 1);
            let mut left = MARGIN + spare;
            for place in floor {
                middles.insert((n, place.clone()), left + (place.width() + GAP) / 2);
                left += place.width() + GAP + spare;
            }
        }
        middles
    }

    fn draw(&self) -> String {
        let (width, height) = (self.width() + 2 * MARGIN, self.floors.len() * ROW);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"monospace\" font-size=\"13\" text-anchor=\"middle\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
        );
        let middles = self.middles();
        self.draw_arrows(&middles, &mut svg);
        for ((floor, place), x) in &middles {
            if let Place::Node(name) = place {
                draw_box(name, *x, top(*floor), &mut svg);
            }
        }
        svg + "</svg>\n"
    }

    fn draw_arrows(&self, middles: &BTreeMap<(usize, Place), usize>, svg: &mut String) {
        for (floor, places) in self.floors.iter().enumerate() {
            for (from, to) in self.joined.iter().filter(|(from, _)| places.contains(from)) {
                let Some(x2) = middles.get(&(floor + 1, to.clone())) else {
                    continue;
                };
                let (x1, y1, y2) = (middles[&(floor, from.clone())], top(floor) + BOX, top(floor + 1));
                let half = (y1 + y2) / 2;
                let passes = matches!(to, Place::Passage(..));
                let through = if passes {
                    format!(" V{}", y2 + BOX)
                } else {
                    String::new()
                };
                // Writing to a String cannot fail.
                let _ = writeln!(
                    svg,
                    "<path d=\"M{x1} {y1} C{x1} {half} {x2} {half} {x2} {y2}{through}\" fill=\"none\" stroke=\"#888\"/>"
                );
            }
        }
    }
}

fn top(floor: usize) -> usize {
    floor * ROW + (ROW - BOX) / 2
}

fn draw_box(name: &str, x: usize, y: usize, svg: &mut String) {
    let width = name.len() * LETTER + PADDING;
    let (left, baseline) = (x - width / 2, y + BOX / 2 + 4);
    let _ = writeln!(
        svg,
        "<rect x=\"{left}\" y=\"{y}\" width=\"{width}\" height=\"{BOX}\" rx=\"4\" fill=\"#eef3fa\" stroke=\"#456\"/>\n\
         <text x=\"{x}\" y=\"{baseline}\">{name}</text>"
    );
}
