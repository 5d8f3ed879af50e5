//! What `compile` may use: it reads what images bring.

mod common;

use common::ENGINE;
use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};

fn start(options: &[&str]) -> Child {
    Command::new(ENGINE)
        .arg("compile")
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn compile(options: &[&str], module: &[u8]) -> (Option<i32>, usize, String) {
    let mut child = start(options);
    let mut stdin = child.stdin.take().unwrap();
    let _ = stdin.write_all(module); // what is refused is not read to its end
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), output.stdout.len(), text)
}

/// The lines `NAME: VALUE` of a file of the process.
fn facts(child: &Child, file: &str) -> HashMap<String, String> {
    let text = fs::read_to_string(format!("/proc/{}/{file}", child.id())).unwrap();
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect()
}

/// The hard limits of the process, by the kernel's names.
fn limit(child: &Child, name: &str) -> String {
    let text = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn it_is_nobody_and_bounded_before_it_reads_a_byte() {
    let mut child = start(&["--output", "1000000", "--memory", "2000000000", "--cpu-seconds", "7"]);
    common::until("the limits are set", || {
        limit(&child, "Max file size") == "1000000" && facts(&child, "status")["NoNewPrivs"] == "1"
    })
    .await;
    assert_eq!(limit(&child, "Max address space"), "2000000000");
    assert_eq!(limit(&child, "Max cpu time"), "7");
    assert_eq!(limit(&child, "Max open files"), "16");
    assert_eq!(limit(&child, "Max core file size"), "0");
    // SAFETY: takes nothing.
    if unsafe { libc::geteuid() } == 0 {
        common::until("it is nobody", || {
            facts(&child, "status")["Uid"].starts_with("65534\t65534\t65534")
        })
        .await;
        let status = facts(&child, "status");
        assert_eq!(status["CapEff"], "0000000000000000");
        assert_eq!(status["Groups"], "");
    }
    assert_eq!(facts(&child, "status")["Seccomp"], "2");
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(65));
}

#[test]
fn code_that_is_too_large_is_refused_with_a_sentence_and_none_of_it_is_written() {
    let (code, bytes, text) = compile(&["--output", "1000"], b"\0asm\x01\0\0\0");
    assert_eq!((code, bytes), (Some(65), 0));
    assert!(text.contains("bytes of machine code; 1000 are allowed"), "{text}");
    let (code, bytes, text) = compile(&[], b"\0asm\x01\0\0\0");
    assert_eq!(code, Some(0), "{text}");
    assert!(bytes > 1000);
}

#[test]
fn machine_code_is_no_module() {
    let mut child = start(&[]);
    child.stdin.take().unwrap().write_all(b"\0asm\x01\0\0\0").unwrap();
    let machine_code = child.wait_with_output().unwrap().stdout;
    assert!(machine_code.starts_with(b"\x7fELF"));
    let (code, bytes, text) = compile(&[], &machine_code);
    assert_eq!((code, bytes), (Some(65), 0));
    assert!(text.contains("not a WebAssembly module"), "{text}");
}

#[test]
fn without_memory_it_ends_and_writes_nothing() {
    let mut module = b"\0asm\x01\0\0\0\0\x80\x80\x80\x20".to_vec(); // a custom section of 64 MiB
    module.resize(module.len() + (64 << 20), 0);
    assert_eq!(compile(&[], &module).0, Some(0));
    let (code, bytes, _) = compile(&["--memory", "60000000"], &module);
    assert_ne!(code, Some(0));
    assert_eq!(bytes, 0);
}
