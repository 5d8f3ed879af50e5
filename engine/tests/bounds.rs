//! What a guest may have, touch and see.

mod common;

use common::{KINDS, Namespace, Serve, code_of, guest, is_root};
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use ttrpc::Code;

const MIB: u64 = 1 << 20;

fn path_guest(path: &str, directory: u32, oflags: u32) -> String {
    guest(
        &format!(r#"(data (i32.const 0) "{path}")"#),
        &format!(
            "(call $proc_exit (call $open (i32.const {directory}) (i32.const 0) (i32.const {}) (i32.const {oflags})))",
            path.len()
        ),
    )
}

const READ: u32 = 0;
const CREATE: u32 = 1;
const OK: u32 = 0;
const ERRNO_ACCES: u32 = 2;
const ERRNO_NOENT: u32 = 44;
const ERRNO_PERM: u32 = 63;

async fn open(serve: &Serve, path: &str, oflags: u32, user: Option<wire::User>) -> u32 {
    let mut request = serve.request(path_guest(path, 3, oflags));
    request.user = user.into();
    serve.finish(&request).await.exit_status
}

fn user(uid: u32, capabilities: &[&str]) -> Option<wire::User> {
    let mut user = wire::User::new();
    user.uid = uid;
    user.gid = uid;
    user.capabilities = capabilities.iter().map(|c| c.to_string()).collect();
    Some(user)
}

/// Grows until it is refused, then ends as `last` says.
fn greedy(last: &str) -> String {
    guest(
        "",
        &format!("(loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) {last}"),
    )
}

#[tokio::test]
async fn a_guest_that_dies_after_a_refused_growth_was_out_of_memory() {
    let serve = Serve::start().await;
    for kind in KINDS {
        let mut request = serve.request(kind(&greedy("unreachable")));
        request.limits.mut_or_insert_default().memory_bytes = 8 * MIB;
        serve.launch(&request).await;
        let exit = serve.next_exit().await;
        assert_eq!((exit.exit_status, exit.oom_killed), (137, true));
        assert!(exit.cause.contains("out of memory"), "{}", exit.cause);
        let stats = serve.stats(&request.id).await;
        assert_eq!(
            (stats.oom_kills, stats.memory_limit_bytes, stats.memory_bytes),
            (1, 8 * MIB, 0)
        );
        assert!(stats.memory_refusals > 0 && stats.memory_peak_bytes <= 8 * MIB && stats.memory_peak_bytes > 6 * MIB);
    }
}

#[tokio::test]
async fn a_guest_that_survives_a_refused_growth_ends_as_it_likes() {
    let serve = Serve::start().await;
    let mut request = serve.request(greedy("(call $proc_exit (i32.const 3))"));
    request.limits.mut_or_insert_default().memory_bytes = 8 * MIB;
    let exit = serve.finish(&request).await;
    assert_eq!((exit.exit_status, exit.oom_killed), (3, false));
}

#[tokio::test]
async fn a_guest_that_does_not_fit_at_all_was_out_of_memory() {
    let serve = Serve::start().await;
    let mut request = serve.request(guest("", ""));
    request.limits.mut_or_insert_default().memory_bytes = 65536;
    let exit = serve.finish(&request).await;
    assert_eq!((exit.exit_status, exit.oom_killed), (137, true));
}

#[tokio::test]
async fn tables_count_as_memory() {
    let serve = Serve::start().await;
    let text = guest(
        "(table $t 1 funcref)",
        "(if (i32.eq (table.grow $t (ref.null func) (i32.const 1000000))
        (i32.const -1)) (then (call $proc_exit (i32.const 9))))",
    );
    let mut request = serve.request(&text);
    assert_eq!(serve.finish(&request).await.exit_status, 0);
    request.limits.mut_or_insert_default().memory_bytes = 8 * MIB;
    assert_eq!(serve.finish(&request).await.exit_status, 9);
}

#[tokio::test]
async fn stats_show_memory_and_cpu_and_update_changes_the_limit() {
    let serve = Serve::start().await;
    let body = "(drop (memory.grow (i32.const 158)))
        (memory.fill (i32.const 0) (i32.const 1) (i32.const 4194304)) (loop (br 0))";
    let request = serve.request(guest("", body));
    serve.launch(&request).await;
    let mut stats = serve.stats(&request.id).await;
    while stats.memory_resident_bytes < 4 * MIB || stats.cpu_user_ns + stats.cpu_system_ns == 0 {
        stats = serve.stats(&request.id).await;
    }
    assert_eq!(
        (stats.memory_bytes, stats.memory_peak_bytes, stats.threads),
        (10 * MIB, 10 * MIB, 1)
    );
    assert!(stats.memory_resident_bytes < 5 * MIB, "{}", stats.memory_resident_bytes);
    let mut update = wire::UpdateRequest::new();
    update.id = request.id.clone();
    update.limits.mut_or_insert_default().memory_bytes = 12 * MIB;
    update.limits.mut_or_insert_default().cpu_shares = 512;
    serve.client.update(common::patience(), &update).await.unwrap();
    assert_eq!(serve.stats(&request.id).await.memory_limit_bytes, 12 * MIB);
    assert_eq!(serve.end(&request.id, 9).await.exit_status, 137);
    let after = serve.stats(&request.id).await;
    assert!(after.cpu_user_ns + after.cpu_system_ns >= stats.cpu_user_ns + stats.cpu_system_ns);
}

#[tokio::test]
async fn a_limit_lowered_in_the_running_guest_holds_for_what_it_wants_next() {
    let serve = Serve::start().await;
    // Grows by a page every 2 ms and ends as out of memory when it is refused.
    let body = "(loop
        (i64.store (i32.const 24) (i64.const 2000000))
        (drop (call $poll_oneoff (i32.const 0) (i32.const 104) (i32.const 1) (i32.const 200)))
        (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable)) (br 0))";
    let mut request = serve.request(guest("", body));
    request.limits.mut_or_insert_default().memory_bytes = 1 << 30;
    serve.launch(&request).await;
    while serve.stats(&request.id).await.memory_bytes < MIB {}
    let mut update = wire::UpdateRequest::new();
    update.id = request.id.clone();
    update.limits.mut_or_insert_default().memory_bytes = 65536;
    serve.client.update(common::patience(), &update).await.unwrap();
    let exit = serve.next_exit().await;
    assert_eq!((exit.exit_status, exit.oom_killed), (137, true));
    let stats = serve.stats(&request.id).await;
    assert_eq!((stats.oom_kills, stats.threads), (1, 0));
    assert!((MIB..1 << 30).contains(&stats.memory_peak_bytes), "{stats}");
}

#[tokio::test]
async fn a_guest_cannot_hold_descriptors_without_end() {
    let serve = Serve::start().await;
    fs::write(serve.scratch.path("root/file"), "x").unwrap();
    let body = "(loop (br_if 0 (i32.eqz (call $open (i32.const 3) (i32.const 0) (i32.const 4) (i32.const 0)))))
        (call $proc_exit (i32.const 5))";
    let request = serve.request(guest(r#"(data (i32.const 0) "file")"#, body));
    serve.launch(&request).await;
    let exit = serve.next_exit().await;
    assert!([5, 134].contains(&exit.exit_status), "{}", exit.exit_status);
    let open = fs::read_dir(format!("/proc/{}/fd", serve.child.id())).unwrap().count();
    assert!(open < 100, "{open} descriptors are left");
}

#[tokio::test]
async fn paths_stay_in_the_root() {
    let serve = Serve::start().await;
    let root = serve.scratch.path("root");
    fs::write(serve.scratch.path("secret"), "x").unwrap();
    fs::write(root.join("inside"), "x").unwrap();
    symlink(serve.scratch.path("secret"), root.join("absolute")).unwrap();
    symlink("../secret", root.join("upwards")).unwrap();
    symlink("inside", root.join("good")).unwrap();
    assert_eq!(open(&serve, "inside", READ, None).await, OK);
    assert_eq!(open(&serve, "good", READ, None).await, OK);
    for path in [
        "absolute",
        "upwards",
        "../secret",
        "/etc/passwd",
        "proc/self/environ",
        "proc",
    ] {
        let status = open(&serve, path, READ, None).await;
        assert!([ERRNO_PERM, ERRNO_NOENT].contains(&status), "{path}: {status}");
    }
}

#[tokio::test]
async fn the_working_directory_comes_before_the_root() {
    let serve = Serve::start().await;
    let root = serve.scratch.path("root");
    fs::create_dir(root.join("app")).unwrap();
    fs::write(root.join("app/data"), "x").unwrap();
    symlink("/app", root.join("link")).unwrap();
    let opened = async |directory: u32, path: &str| {
        let mut request = serve.request(path_guest(path, directory, READ));
        request.cwd = "/link".into();
        serve.finish(&request).await.exit_status
    };
    assert_eq!(opened(3, "data").await, OK);
    assert_eq!(opened(4, "app/data").await, OK);
    assert_eq!(opened(4, "data").await, ERRNO_NOENT);
}

#[tokio::test]
async fn files_are_touched_as_the_user_of_the_container() {
    if !is_root() {
        return;
    }
    let serve = Serve::start().await;
    let root = serve.scratch.path("root");
    fs::set_permissions(&root, fs::Permissions::from_mode(0o777)).unwrap();
    fs::write(root.join("roots"), "x").unwrap();
    fs::set_permissions(root.join("roots"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(root.join("theirs"), "x").unwrap();
    chown(root.join("theirs"), Some(7), Some(7)).unwrap();
    fs::set_permissions(root.join("theirs"), fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(open(&serve, "roots", READ, user(1000, &[])).await, ERRNO_ACCES);
    assert_eq!(open(&serve, "roots", READ, user(0, &[])).await, OK);
    assert_eq!(open(&serve, "theirs", READ, user(0, &[])).await, ERRNO_ACCES);
    assert_eq!(open(&serve, "theirs", READ, user(0, &["CAP_DAC_OVERRIDE"])).await, OK);
    assert_eq!(open(&serve, "mine", CREATE, user(1000, &[])).await, OK);
    let mine = fs::metadata(root.join("mine")).unwrap();
    assert_eq!((mine.uid(), mine.gid()), (1000, 1000));
}

fn status_field(pid: u32, field: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|l| l.starts_with(field)).unwrap();
    line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_running_guest_has_no_capabilities_but_those_about_files() {
    if !is_root() {
        return;
    }
    let serve = Serve::start().await;
    for uid in [0, 1000] {
        let mut request = serve.request(guest("", "(loop (br 0))"));
        request.user = user(uid, &["CAP_CHOWN", "CAP_SYS_ADMIN"]).into();
        let pid = serve.launch(&request).await;
        while serve.stats(&request.id).await.memory_bytes == 0 {}
        assert_eq!(status_field(pid, "CapEff"), "0000000000000001");
        assert_eq!(status_field(pid, "CapPrm"), "0000000000000001");
        assert_eq!(status_field(pid, "NoNewPrivs"), "1");
        assert_eq!(status_field(pid, "Uid"), format!("0 {uid} 0 {uid}"));
        assert_eq!(status_field(pid, "Groups"), "");
        serve.end(&request.id, 9).await;
    }
    assert_eq!(status_field(serve.child.id(), "Uid"), "0 0 0 0");
}

#[tokio::test]
async fn a_guest_lives_in_its_network_namespace() {
    if !is_root() {
        return;
    }
    let Some(namespace) = Namespace::new() else {
        eprintln!("skipped: cannot make a network namespace");
        return;
    };
    let path = format!("/run/netns/{}", namespace.0);
    let serve = Serve::start().await;
    let mut request = serve.request(guest("", "(loop (br 0))"));
    request.network_namespace = path.clone();
    request.user = user(1000, &[]).into();
    let pid = serve.launch(&request).await;
    let of = |path: &str| fs::metadata(path).unwrap().ino();
    assert_eq!(of(&format!("/proc/{pid}/ns/net")), of(&path));
    assert_ne!(of(&format!("/proc/{}/ns/net", serve.child.id())), of(&path));
    serve.end(&request.id, 9).await;
    request.network_namespace = "/run/netns/krustlet-missing".into();
    request.id.push('x');
    assert_eq!(
        code_of(serve.create(&request).await.unwrap_err()),
        Code::INVALID_ARGUMENT
    );
}

#[tokio::test]
async fn a_compiled_file_others_may_write_to_is_refused() {
    let serve = Serve::start().await;
    let request = serve.request(guest("", ""));
    fs::set_permissions(&request.compiled_path, fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(
        code_of(serve.create(&request).await.unwrap_err()),
        Code::INVALID_ARGUMENT
    );
}
