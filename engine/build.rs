//! Generates the messages and the service of `engine.proto` with a parser written in Rust: no protoc needed.

use std::{env, fs, io, path::Path};
use ttrpc_codegen::{Codegen, Customize, ProtobufCustomize};

const PROTO_ROOT: &str = "../proto/src/main/protobuf";

fn main() -> io::Result<()> {
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    let file = format!("{PROTO_ROOT}/krustlet/engine/v1/engine.proto");
    println!("cargo:rerun-if-changed={file}");
    Codegen::new()
        .out_dir(&out)
        .input(file)
        .include(PROTO_ROOT)
        .rust_protobuf()
        .rust_protobuf_customize(ProtobufCustomize::default().gen_mod_rs(false))
        .customize(Customize {
            async_all: true,
            ..Customize::default()
        })
        .run()?;
    // The files start with inner attributes, so they must be modules of their own.
    fs::write(
        Path::new(&out).join("modules.rs"),
        "pub mod engine;\npub mod engine_ttrpc;\n",
    )
}
