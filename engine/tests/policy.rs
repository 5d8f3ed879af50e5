//! What the policy of a container keeps its guests from, and what it gives them.

mod common;

use common::{ENGINE, KINDS, Scratch, Serve, code_of, compiled, componentized, display, guest};
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::process::Command;
use ttrpc::Code;

const SIGXCPU: u32 = 24;
const SIGALRM: u32 = 14;
const SPIN: &str = "(loop $spin (br $spin))";
/// A relative sleep of an hour by the monotonic clock.
const SLEEP: &str = "(i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 3600000000000))
    (drop (call $poll_oneoff (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 96)))";

fn policy(request: &mut wire::CreateRequest) -> &mut wire::Policy {
    request.policy.mut_or_insert_default()
}

#[tokio::test]
async fn a_guest_ends_when_its_cpu_time_is_used_up() {
    let serve = Serve::start().await;
    for kind in KINDS {
        let mut request = serve.request(kind(&guest("", SPIN)));
        policy(&mut request).cpu_time_ms = 30;
        let (_, err) = serve.with_files(&mut request);
        let exit = serve.finish(&request).await;
        assert_eq!(exit.exit_status, 128 + SIGXCPU);
        assert_eq!(exit.cause, "its CPU time of 30 ms is used up");
        let said = fs::read_to_string(err).unwrap();
        assert_eq!(said, "krustlet: ended: its CPU time of 30 ms is used up\n");
    }
}

#[tokio::test]
async fn a_guest_ends_when_its_wall_time_is_over() {
    let serve = Serve::start().await;
    for (kind, body) in KINDS.into_iter().flat_map(|kind| [(kind, SPIN), (kind, SLEEP)]) {
        let mut request = serve.request(kind(&guest("", body)));
        policy(&mut request).wall_time_ms = 20;
        policy(&mut request).cpu_time_ms = 60_000;
        let exit = serve.finish(&request).await;
        assert_eq!(exit.exit_status, 128 + SIGALRM);
        assert_eq!(exit.cause, "its wall time of 20 ms is over");
    }
}

#[tokio::test]
async fn an_exec_has_the_bounds_of_its_container_for_itself() {
    let serve = Serve::start().await;
    let mut first = serve.request(guest("", SLEEP));
    policy(&mut first).cpu_time_ms = 30;
    serve.launch(&first).await;
    let mut exec = serve.request(guest("", SPIN));
    exec.container = first.id.clone();
    assert_eq!(serve.finish(&exec).await.exit_status, 128 + SIGXCPU);
    assert_eq!(serve.end(&first.id, 15).await.exit_status, 143);
}

#[tokio::test]
async fn a_program_has_no_more_instances_than_it_may() {
    let serve = Serve::start().await;
    let program = componentized(&wat::parse_str(guest("", "")).unwrap());
    let mut request = serve.request(&program);
    policy(&mut request).max_instances = 1;
    let (_, err) = serve.with_files(&mut request);
    assert_eq!(serve.finish(&request).await.exit_status, 134);
    let said = fs::read_to_string(err).unwrap();
    assert!(said.contains("instance count too high at 2"), "{said}");
    let mut request = serve.request(&program);
    policy(&mut request).max_instances = 20;
    assert_eq!(serve.finish(&request).await.exit_status, 0);
}

/// Opens `path` below descriptor `directory`, for writing too if it may be made, and ends with the error.
fn opener(directory: u32, path: &str, oflags: u32) -> String {
    let more = format!(r#"(data (i32.const 0) "{path}")"#);
    let rights = if oflags == CREATE { 0x42 } else { 0x2 };
    let open = format!(
        "(call $path_open (i32.const {directory}) (i32.const 1) (i32.const 0) (i32.const {}) (i32.const {oflags})
           (i64.const {rights}) (i64.const {rights}) (i32.const 0) (i32.const 65532))",
        path.len()
    );
    guest(&more, &format!("(call $proc_exit {open})"))
}

const CREATE: u32 = 1;
const ERRNO_BADF: u32 = 8;
const ERRNO_NOENT: u32 = 44;
const ERRNO_PERM: u32 = 63;

#[tokio::test]
async fn preopens_are_seen_instead_of_the_root() {
    let serve = Serve::start().await;
    let root = serve.scratch.path("root");
    fs::create_dir_all(root.join("data/deep")).unwrap();
    fs::create_dir(root.join("etc")).unwrap();
    fs::write(root.join("etc/secret"), "s").unwrap();
    fs::write(root.join("data/open"), "o").unwrap();
    let open = async |directory, path, oflags| {
        let mut request = serve.request(opener(directory, path, oflags));
        policy(&mut request).preopens = vec!["/data:ro".to_owned(), "/data/deep".to_owned()];
        serve.finish(&request).await.exit_status
    };
    assert_eq!(open(3, "open", 0).await, 0);
    assert_eq!(open(3, "new", CREATE).await, ERRNO_PERM);
    assert_eq!(open(4, "new", CREATE).await, 0);
    assert_eq!(open(3, "etc/secret", 0).await, ERRNO_NOENT);
    assert_eq!(open(3, "../etc/secret", 0).await, ERRNO_PERM);
    assert_eq!(open(5, "etc/secret", 0).await, ERRNO_BADF);
    assert!(root.join("data/deep/new").exists() && !root.join("data/new").exists());
}

#[tokio::test]
async fn a_preopen_that_is_not_there_is_refused() {
    let serve = Serve::start().await;
    let refused = async |preopens: &[&str], cwd: &str| {
        let mut request = serve.request(guest("", ""));
        policy(&mut request).preopens = preopens.iter().map(|p| p.to_string()).collect();
        request.cwd = cwd.to_owned();
        let error = serve.create(&request).await.unwrap_err();
        let sentence = error.to_string();
        assert_eq!(code_of(error), Code::INVALID_ARGUMENT);
        sentence
    };
    fs::create_dir(serve.scratch.path("root/app")).unwrap();
    fs::create_dir(serve.scratch.path("root/data")).unwrap();
    let sentence = refused(&["/nowhere"], "").await;
    assert!(sentence.contains("preopen /nowhere"), "{sentence}");
    let sentence = refused(&["app"], "").await;
    assert!(sentence.contains("preopen app"), "{sentence}");
    let sentence = refused(&["/app"], "/data").await;
    assert!(sentence.contains("working directory /data"), "{sentence}");
    let sentence = refused(&["/app"; 65], "").await;
    assert!(sentence.contains("preopen 65 directories"), "{sentence}");
}

/// Writes what it sees: random numbers, both clocks, sleeps for 5 ms and looks at the clock again.
fn witness() -> String {
    guest(
        "",
        "(drop (call $random_get (i32.const 0) (i32.const 40)))
         (drop (call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 40)))
         (drop (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 48)))
         (i32.store (i32.const 216) (i32.const 1))
         (i64.store (i32.const 224) (i64.const 5000000))
         (drop (call $poll_oneoff (i32.const 200) (i32.const 304) (i32.const 1) (i32.const 400)))
         (drop (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 56)))
         (call $put (i32.const 1) (i32.const 0) (i32.const 64))",
    )
    .replacen(
        "(module",
        r#"(module
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))"#,
        1,
    )
}

async fn witnessed(serve: &Serve, program: &[u8], deterministic: bool) -> Vec<u8> {
    let mut request = serve.request(program);
    policy(&mut request).deterministic = deterministic;
    let (out, _) = serve.with_files(&mut request);
    assert_eq!(serve.finish(&request).await.exit_status, 0);
    let seen = fs::read(out).unwrap();
    assert_eq!(seen.len(), 64);
    seen
}

#[tokio::test]
async fn a_deterministic_guest_sees_the_same_in_every_run() {
    let serve = Serve::start().await;
    for kind in KINDS {
        let program = kind(&witness());
        let seen = witnessed(&serve, &program, true).await;
        assert_eq!(seen, witnessed(&serve, &program, true).await);
        let time = |at: usize| u64::from_le_bytes(seen[at..at + 8].try_into().unwrap());
        assert_eq!(time(40) / 1_000_000_000, 946_684_800);
        assert!(time(48) < 1_000_000, "{}", time(48));
        assert!((5_000_000..6_000_000).contains(&(time(56) - time(48))), "{}", time(56));
    }
}

#[tokio::test]
async fn other_guests_see_the_machines_numbers_and_clocks() {
    let serve = Serve::start().await;
    for kind in KINDS {
        let program = kind(&witness());
        let (one, other) = (
            witnessed(&serve, &program, false).await,
            witnessed(&serve, &program, false).await,
        );
        assert_ne!(one[..40], other[..40]);
        assert_ne!(one[40..48], other[40..48]);
    }
}

#[test]
fn run_holds_its_guest_to_the_same_bounds() {
    let scratch = Scratch::new();
    let spin = display(&compiled(&scratch, "spin", guest("", SPIN)));
    let witness = display(&compiled(&scratch, "witness", witness()));
    let run = |flags: &[&str], program: &str| {
        let mut command = Command::new(ENGINE);
        command
            .arg("run")
            .args(flags)
            .args([program, "--", "guest"])
            .output()
            .unwrap()
    };
    let ended = run(&["--cpu-time-ms", "20"], &spin);
    assert_eq!(ended.status.code(), Some(152));
    assert_eq!(
        String::from_utf8(ended.stderr).unwrap(),
        "krustlet: ended: its CPU time of 20 ms is used up\n"
    );
    assert_eq!(run(&["--wall-time-ms", "20"], &spin).status.code(), Some(142));
    let seen = run(&["--deterministic", "--max-instances", "1"], &witness);
    assert_eq!((seen.status.code(), seen.stdout.len()), (Some(0), 64));
    assert_eq!(seen.stdout, run(&["--deterministic"], &witness).stdout);
    let wrong = run(&["--cpu-time", "20"], &spin);
    assert_eq!(wrong.status.code(), Some(64));
    assert!(
        String::from_utf8_lossy(&wrong.stderr).contains("'--cpu-time'"),
        "{wrong:?}"
    );
}

/// Makes a garbage-collected list without end.
const HOARD: &str = "(loop $more
    (global.set $list (struct.new $node (i64.const 7) (global.get $list)))
    (br $more))";
const NODE: &str = "(type $node (struct (field i64) (field (ref null $node))))
    (global $list (mut (ref null $node)) (ref.null $node))";

#[tokio::test]
async fn what_a_collector_looks_after_counts_as_memory() {
    let serve = Serve::start().await;
    let mut request = serve.request(guest(NODE, HOARD));
    request.limits.mut_or_insert_default().memory_bytes = 16 << 20;
    let exit = serve.finish(&request).await;
    assert_eq!((exit.exit_status, exit.oom_killed), (137, true), "{}", exit.cause);
}

#[tokio::test]
async fn a_wide_memory_is_held_to_the_limit() {
    let serve = Serve::start().await;
    let greedy = "(module (memory (export \"memory\") i64 1) (func (export \"_start\")
        (loop (br_if 0 (i64.ne (memory.grow (i64.const 16)) (i64.const -1)))) unreachable))";
    let mut request = serve.request(greedy);
    request.limits.mut_or_insert_default().memory_bytes = 8 << 20;
    serve.launch(&request).await;
    let exit = serve.next_exit().await;
    assert_eq!((exit.exit_status, exit.oom_killed), (137, true));
    assert!(serve.stats(&request.id).await.memory_peak_bytes <= 8 << 20);
}

#[tokio::test]
async fn features_that_are_on_work_and_threads_are_off() {
    let serve = Serve::start().await;
    let caught = guest(
        "(tag $e (param i32)) (func $throw (throw $e (i32.const 7)))",
        "(call $proc_exit (block $h (result i32) (try_table (catch $e $h) (call $throw)) (i32.const 1)))",
    );
    assert_eq!(serve.finish(&serve.request(caught)).await.exit_status, 7);
    let tail = guest("(func $end (call $proc_exit (i32.const 5)))", "(return_call $end)");
    assert_eq!(serve.finish(&serve.request(tail)).await.exit_status, 5);
    let simd = guest(
        "",
        "(call $proc_exit (i32x4.extract_lane 2 (v128.const i32x4 1 2 3 4)))",
    );
    assert_eq!(serve.finish(&serve.request(simd)).await.exit_status, 3);
    let refused = common::compile(b"(module (memory 1 1 shared))");
    assert_eq!(refused.status.code(), Some(65));
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("threads"),
        "{refused:?}"
    );
}

#[test]
fn the_compiler_says_what_a_module_needs() {
    let said = |program: &str| String::from_utf8(common::compile(program.as_bytes()).stderr).unwrap();
    assert_eq!(said("(module)"), "features=\n");
    assert_eq!(
        said("(module (tag) (func return_call 0))"),
        "features=exceptions,tail-calls\n"
    );
    assert_eq!(said("(component (core module (memory i64 1)))"), "features=memory64\n");
}
