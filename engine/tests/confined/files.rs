//! What guests do with files goes through the filters.

use crate::common::Serve;

/// Calls of preview 1 in order: name, type of the parameters (l is 64 bits) and arguments. `F` is the open file; the
/// letters d, f, g, h and l are paths at 0, 8, 16, 24 and 32.
const FILE_CALLS: &[(&str, &str, &str)] = &[
    ("path_create_directory", "iii", "3 0 1"),
    ("path_open", "iiiiillii", "3 0 8 1 1 0x1fffffff 0x1fffffff 0 900"),
    ("fd_write", "iiii", "F 800 1 904"),
    ("fd_pwrite", "iiili", "F 800 1 0 904"),
    ("fd_pread", "iiili", "F 800 1 0 904"),
    ("fd_seek", "ilii", "F 0 0 912"),
    ("fd_read", "iiii", "F 800 1 904"),
    ("fd_tell", "ii", "F 912"),
    ("fd_advise", "illi", "F 0 10 0"),
    ("fd_filestat_get", "ii", "F 1024"),
    ("fd_filestat_set_size", "il", "F 100"),
    ("fd_filestat_set_times", "illi", "F 5 5 5"),
    ("fd_fdstat_get", "ii", "F 1024"),
    ("fd_fdstat_set_flags", "ii", "F 1"),
    ("fd_datasync", "i", "F"),
    ("fd_sync", "i", "F"),
    ("path_filestat_get", "iiiii", "3 1 8 1 1024"),
    ("path_filestat_set_times", "iiiilli", "3 1 8 1 5 5 5"),
    ("path_link", "iiiiiii", "3 0 8 1 3 16 1"),
    ("path_symlink", "iiiii", "8 1 3 32 1"),
    ("path_filestat_set_times", "iiiilli", "3 0 32 1 5 5 5"),
    ("path_readlink", "iiiiii", "3 32 1 1024 64 904"),
    ("path_rename", "iiiiii", "3 16 1 3 24 1"),
    ("fd_readdir", "iiili", "3 1024 512 0 904"),
    ("path_unlink_file", "iii", "3 24 1"),
    ("path_unlink_file", "iii", "3 32 1"),
    ("fd_close", "i", "F"),
    ("path_unlink_file", "iii", "3 8 1"),
    ("path_remove_directory", "iii", "3 0 1"),
    ("clock_res_get", "ii", "0 1024"),
    ("clock_time_get", "ili", "1 0 1024"),
    ("random_get", "ii", "1024 64"),
    ("sched_yield", "", ""),
];

/// A guest that makes all calls and ends with the number of the first that fails, counted from 1, or 0.
fn caller_of_all() -> String {
    use std::fmt::Write;
    let kind = |letter| if letter == 'l' { "i64" } else { "i32" };
    let (mut imports, mut body) = (String::new(), String::new());
    for (n, (name, types, arguments)) in FILE_CALLS.iter().enumerate() {
        let params: String = types.chars().map(|t| format!(" {}", kind(t))).collect();
        if !FILE_CALLS[..n].iter().any(|(earlier, ..)| earlier == name) {
            writeln!(
                imports,
                r#"(import "wasi_snapshot_preview1" "{name}" (func ${name} (param{params}) (result i32)))"#
            )
            .unwrap();
        }
        let values = types.chars().zip(arguments.split_whitespace()).map(|(t, a)| match a {
            "F" => "(i32.load (i32.const 900))".to_owned(),
            number => format!("({}.const {number})", kind(t)),
        });
        let values: String = values.collect();
        writeln!(
            body,
            "(if (call ${name} {values}) (then (call $exit (i32.const {}))))",
            n + 1
        )
        .unwrap();
    }
    format!(
        r#"(module {imports}
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "d") (data (i32.const 8) "f") (data (i32.const 16) "g") (data (i32.const 24) "h")
          (data (i32.const 32) "l") (data (i32.const 800) "\00\04\00\00\10\00\00\00")
          (func (export "_start") {body}))"#
    )
}

#[tokio::test]
async fn every_call_of_preview_1_about_files_is_possible() {
    let serve = Serve::start().await;
    let exit = serve.finish(&serve.request(caller_of_all())).await;
    let failed = FILE_CALLS.get((exit.exit_status as usize).wrapping_sub(1));
    assert_eq!((failed, exit.exit_status), (None, 0), "{}", exit.cause);
}
