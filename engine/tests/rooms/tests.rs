//! The engine held to its rooms, and the rules tried on a small crate that breaks them all.

use crate::drawing::svg;
use crate::figures::answer;
use crate::house::House;
use crate::table::Table;
use std::fs;
use std::path::{Path, PathBuf};

/// Floors of the engine, the command line's included.
const MOST_FLOORS: usize = 10;
/// Files that may import each other: who owns whom is in both.
const OWNERS: [&str; 2] = ["guest", "guest::container"];

const PICTURE: &str = "docs/rooms.svg";

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn engine() -> House {
    let document = fs::read_to_string(project().join("ARCHITECTURE.md")).unwrap();
    House::of(&project().join("engine/src"), Table::read(&document)).unwrap()
}

#[test]
fn the_engine_keeps_to_the_rooms_of_its_table() {
    assert_eq!(engine().faults(), [""; 0]);
}

#[test]
fn the_engine_has_few_floors_and_one_circle_of_files() {
    let floors = engine().rooms().floors();
    assert!(floors.values().all(|floor| *floor < MOST_FLOORS), "{floors:?}");
    let circles = engine().files().circles();
    assert_eq!(circles, [OWNERS.map(str::to_owned).into()]);
}

#[test]
fn the_picture_shows_the_rooms_as_they_are() {
    let drawn = fs::read_to_string(project().join(PICTURE)).unwrap();
    let again = format!("{PICTURE} is out of date: scripts/rooms.sh --svg {PICTURE}");
    assert!(drawn == svg(&engine().rooms()), "{again}");
}

const ROOMS: &str = "\
# Made up
## Rooms of the engine
| room | what it does | may import |
|---|---|---|
| `serve` | The `top`. | `guest`, `guest::files`, `ffi` |
| `guest` | | `guest::files`, `ffi` |
| `guest::files` | | – |
| `ffi` | | – |
| `gone` | | – |
| `lock` | | – |
";

const FILES: [(&str, &str); 8] = [
    (
        "lib.rs",
        "pub mod serve; pub mod guest; pub mod ffi; mod stray; mod lock;",
    ),
    (
        "serve.rs",
        "use crate::{guest::{self, Guest as G}, lock::lock, ffi};\nuse std::fs;",
    ),
    (
        "guest/mod.rs",
        "mod files;\nuse files::File;\n// use crate::serve;\nfn f() { crate::ffi::call(\"crate::serve\", 'c'); }",
    ),
    (
        "guest/files.rs",
        "use super::Guest;\nfn f() { let _ = super::super::ffi::call(r#\"\"\"#); }",
    ),
    ("ffi/mod.rs", "pub mod fd;"),
    (
        "ffi/fd.rs",
        "use super::check;\n#[cfg(test)]\nmod tests {\n    use crate::serve::Serve;\n}\nfn at<'a>() { lock::lock() }",
    ),
    ("stray.rs", "use std::io;"),
    ("lock.rs", "pub fn lock() {}"),
];

/// Writes the crate and its document.
fn made_up(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    for (file, text) in FILES {
        let path = folder.join("src").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let long = format!("fn f() {{\n{}}}\n", "\n".repeat(300));
    fs::write(folder.join("src/guest/long.rs"), long).unwrap();
    fs::write(folder.join("ROOMS.md"), ROOMS).unwrap();
    folder
}

#[test]
fn everything_that_breaks_a_rule_is_named() {
    let folder = made_up("broken");
    let house = House::of(&folder.join("src"), Table::read(ROOMS)).unwrap();
    assert_eq!(
        house.faults(),
        [
            "stray.rs is in no room",
            "room gone has no file",
            "guest/files.rs may not import ffi",
            "guest/files.rs may not import guest",
            "serve need not import guest::files",
            "rooms import each other: guest, guest::files",
            "guest/long.rs has 302 lines, the limit is 300",
            "guest/long.rs:1: a function of 302 lines, the limit is 30",
        ]
    );
}

#[test]
fn the_figures_are_those_of_the_graph() {
    let folder = made_up("figures");
    let (sources, rooms) = (folder.join("src"), folder.join("ROOMS.md"));
    let (sources, rooms) = (sources.to_str().unwrap(), rooms.to_str().unwrap());
    let figures = answer(&[sources, rooms]).unwrap();
    let lines: Vec<&str> = figures.lines().collect();
    assert_eq!(
        lines[..6],
        [
            "floor 2: serve",
            "floor 1: guest · guest::files",
            "floor 0: ffi · lock · stray",
            "up: guest -> guest::files",
            "rooms: 6 on 3 floors, 7 arrows, 1 up",
            "  circle of 2: guest, guest::files",
        ]
    );
    let picture = answer(&[sources, rooms, "--svg"]).unwrap();
    assert_eq!(picture.matches("</text>").count(), 6);
    assert!(answer(&[]).is_err());
}
