//! The functions of WASI 0.2, read from the WIT packages that Wasmtime brings along, and those of a component.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use wit_component::DecodedWasm;
use wit_parser::{InterfaceId, Resolve, WorldItem};

/// All functions, as `package/interface#function`. What is unstable is not among them.
pub fn functions() -> BTreeSet<String> {
    let mut resolve = Resolve::default();
    resolve.push_dir(packages()).unwrap();
    resolve
        .interfaces
        .iter()
        .flat_map(|(id, _)| of_interface(&resolve, id))
        .collect()
}

/// The directory of the WIT packages: that of wasi:http has all the others beside it.
fn packages() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let http = packages.iter().find(|p| p["name"] == "wasmtime-wasi-http").unwrap();
    let manifest = Path::new(http["manifest_path"].as_str().unwrap());
    manifest.with_file_name("wit")
}

fn of_interface(resolve: &Resolve, id: InterfaceId) -> Vec<String> {
    let interface = &resolve.interfaces[id];
    let (Some(package), Some(name)) = (interface.package, &interface.name) else {
        return Vec::new();
    };
    let package = &resolve.packages[package].name;
    let names = interface.functions.keys();
    names
        .map(|function| format!("{}:{}/{name}#{function}", package.namespace, package.name))
        .collect()
}

/// What a component imports and exports.
pub fn of_component(bytes: &[u8]) -> (BTreeSet<String>, BTreeSet<String>) {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(bytes).unwrap() else {
        panic!("not a component")
    };
    let world = &resolve.worlds[world];
    let of = |items: Vec<&WorldItem>| {
        let interfaces = items.into_iter().filter_map(|item| match item {
            WorldItem::Interface { id, .. } => Some(*id),
            _ => None,
        });
        interfaces.flat_map(|id| of_interface(&resolve, id)).collect()
    };
    (
        of(world.imports.values().collect()),
        of(world.exports.values().collect()),
    )
}
