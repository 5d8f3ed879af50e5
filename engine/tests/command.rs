//! `run`, as the krustlet command and the isolated class use it.

mod common;

use common::{ENGINE, Scratch, compiled, guest};
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

/// Copies stdin to stdout.
const CAT: &str = "(loop
    (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 4096))
    (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $put (i32.const 1) (i32.const 1024) (i32.load (i32.const 8)))
    (br_if 0 (i32.load (i32.const 8))))";

fn run(scratch: &Scratch, name: &str, body: &str, options: &[&str]) -> Command {
    let path = compiled(scratch, name, guest(r#"(data (i32.const 512) "file")"#, body));
    let mut command = Command::new(ENGINE);
    command.arg("run").args(options).arg(path).args(["--", "guest"]);
    command
}

#[test]
fn the_status_of_the_guest_is_passed_on() {
    let scratch = Scratch::new();
    let status =
        |name: &str, body: &str, options: &[&str]| run(&scratch, name, body, options).output().unwrap().status.code();
    assert_eq!(status("exit", "(call $proc_exit (i32.const 42))", &[]), Some(42));
    assert_eq!(status("trap", "unreachable", &[]), Some(134));
    let grow = "(if (i32.eq (memory.grow (i32.const 100)) (i32.const -1)) (then unreachable))";
    assert_eq!(status("grow", grow, &["--memory", "1000000"]), Some(137));
}

#[test]
fn streams_are_inherited_and_their_flags_stay() {
    let scratch = Scratch::new();
    let mut child = run(&scratch, "cat", CAT, &[])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        stdin.write_all(&[b'y'; 300_000]).unwrap();
        let flags = fs::read_to_string(format!("/proc/self/fdinfo/{}", std::os::fd::AsRawFd::as_raw_fd(&stdin)));
        flags.unwrap()
    });
    let output = child.wait_with_output().unwrap();
    let flags = writer.join().unwrap();
    let flags = flags.lines().find_map(|l| l.strip_prefix("flags:")).unwrap();
    let flags = i32::from_str_radix(flags.trim(), 8).unwrap();
    assert_eq!(flags & libc::O_NONBLOCK, 0);
    assert_eq!(output.stdout, vec![b'y'; 300_000]);
}

#[test]
fn directories_are_mapped_with_their_access() {
    let scratch = Scratch::new();
    let dir = scratch.path("root");
    let body = "(call $proc_exit (call $open (i32.const 3) (i32.const 512) (i32.const 4) (i32.const 1)))";
    let mapping = format!("{}:/data", dir.display());
    let status = |option: &str| {
        let output = run(&scratch, "open", body, &["--dir", option]).output().unwrap();
        output.status.code()
    };
    assert_ne!(status(&format!("{mapping}:ro")), Some(0));
    assert!(!dir.join("file").exists());
    assert_eq!(status(&mapping), Some(0));
    assert!(dir.join("file").exists());
}

#[test]
fn a_hook_knows_itself_by_its_name_and_is_what_this_becomes() {
    let script = "read state; echo $0 $1 $state $FROM $(umask) $$; exit 7";
    let mut child = Command::new(ENGINE)
        .args(["hook", "/bin/sh", "--", "other-name", "-c", script, "zero", "--one"])
        .env_clear()
        .env("FROM", "outside")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id();
    child.stdin.take().unwrap().write_all(b"state\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, format!("zero --one state outside 0022 {pid}\n"));
    assert_eq!(output.status.code(), Some(7));
    let script = [
        "hook",
        "/bin/sh",
        "--",
        "other-name",
        "-c",
        "tr '\\0' ' ' </proc/$$/cmdline",
    ];
    let output = Command::new(ENGINE).args(script).output().unwrap();
    assert!(output.stdout.starts_with(b"other-name -c "), "{output:?}");
}

#[test]
fn wrong_calls_are_refused_with_a_sentence() {
    let failed = |args: &[&str]| {
        let output = Command::new(ENGINE).args(args).stdin(Stdio::null()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(failed(&[]).0, Some(64));
    assert_eq!(failed(&["dance"]).0, Some(64));
    assert_eq!(failed(&["run", "--env"]).0, Some(64));
    assert_eq!(failed(&["hook"]).0, Some(64));
    assert_eq!(failed(&["hook", "/bin/sh"]).0, Some(65));
    let (code, text) = failed(&["hook", "/nowhere", "--", "x"]);
    assert_eq!(
        (code, text.contains("run /nowhere: No such file")),
        (Some(70), true),
        "{text}"
    );
    let (code, text) = failed(&["run", "/nowhere.cwasm", "--", "x"]);
    assert_eq!(code, Some(65));
    assert!(text.contains("/nowhere.cwasm") && text.lines().count() == 1, "{text}");
}
