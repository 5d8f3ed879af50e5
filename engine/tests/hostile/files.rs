//! Files that are too many, elsewhere, or wait for ever.

use crate::common::{Serve, display, guest, is_root, mkfifo};
use crate::yard::Yard;
use std::ffi::CString;
use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Opens a path and ends with the error as its status.
fn opener(path: &str, oflags: u32) -> String {
    guest(
        &format!(r#"(data (i32.const 0) "{path}")"#),
        &format!(
            "(call $proc_exit (call $open (i32.const 3) (i32.const 0) (i32.const {}) (i32.const {oflags})))",
            path.len()
        ),
    )
}

async fn opened(yard: &Yard, path: &str, oflags: u32) -> u32 {
    yard.finish(&yard.serve.request(opener(path, oflags))).await.exit_status
}

/// A mount that goes with its owner.
struct Mounted(PathBuf);

impl Mounted {
    fn new(source: &str, target: &Path, kind: &str, flags: libc::c_ulong, data: &str) -> Self {
        let c = |text: &[u8]| CString::new(text).unwrap();
        fs::create_dir_all(target).unwrap();
        let path = c(target.as_os_str().as_bytes());
        let (source, kind, data) = (c(source.as_bytes()), c(kind.as_bytes()), c(data.as_bytes()));
        // SAFETY: C strings that outlive the call.
        let done = unsafe {
            libc::mount(
                source.as_ptr(),
                path.as_ptr(),
                kind.as_ptr(),
                flags,
                data.as_ptr().cast(),
            )
        };
        assert_eq!(done, 0, "{}: {}", target.display(), std::io::Error::last_os_error());
        Self(target.to_owned())
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let path = CString::new(self.0.as_os_str().as_bytes()).unwrap();
        // SAFETY: a C string that outlives the call.
        unsafe { libc::umount2(path.as_ptr(), libc::MNT_DETACH) };
    }
}

fn root(serve: &Serve) -> PathBuf {
    serve.scratch.path("root")
}

#[tokio::test]
async fn open_files_without_end_are_bounded_and_all_closed() {
    let mut yard = Yard::open().await;
    fs::write(root(&yard.serve).join("file"), "x").unwrap();
    let body = "(loop (drop (call $open (i32.const 3) (i32.const 0) (i32.const 4) (i32.const 0))) (br 0))";
    let request = yard.serve.request(guest(r#"(data (i32.const 0) "file")"#, body));
    yard.crowd(&request, 8).await;
    yard.close().await;
}

#[tokio::test]
async fn no_path_leads_out_of_the_root() {
    let yard = Yard::open().await;
    let root = root(&yard.serve);
    fs::write(yard.serve.scratch.path("secret"), "x").unwrap();
    fs::create_dir_all(root.join("a/b")).unwrap();
    symlink("/", root.join("slash")).unwrap();
    symlink("../../..", root.join("a/b/up")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    symlink(yard.serve.scratch.path("secret"), root.join("a/secret")).unwrap();
    let deep = "a/".repeat(2000);
    let tricks = [
        "..",
        "../secret",
        "a/../../secret",
        "a/b/up/secret",
        "a/b/up/../secret",
        "slash/etc/passwd",
        "a/secret",
        "/etc/passwd",
        "//etc/passwd",
        "a/./../../secret",
        "a/b/../../../secret",
        "loop",
        "",
        "a\\00b",
        &deep,
    ];
    for path in tricks {
        for oflags in [0, 1] {
            assert_ne!(opened(&yard, path, oflags).await, 0, "{path}");
        }
    }
    assert_eq!(
        fs::read_dir(&yard.serve.scratch.0)
            .unwrap()
            .filter(|e| {
                let name = e.as_ref().unwrap().file_name();
                name == "secret"
            })
            .count(),
        1
    );
    yard.close().await;
}

#[tokio::test]
async fn links_of_the_guests_own_making_lead_nowhere_else() {
    let yard = Yard::open().await;
    fs::write(yard.serve.scratch.path("secret"), "x").unwrap();
    let text = r#"(module
      (import "wasi_snapshot_preview1" "path_symlink" (func $symlink (param i32 i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "path_link" (func $link (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "path_rename" (func $rename (param i32 i32 i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "../secret") (data (i32.const 16) "mine") (data (i32.const 32) "link/../../secret")
      (func (export "_start")
        (drop (call $symlink (i32.const 0) (i32.const 9) (i32.const 3) (i32.const 16) (i32.const 4)))
        ;; One bit for each trick that works: through the link, by a hard link, by renaming in or out.
        (call $exit (i32.or (i32.or
          (i32.eqz (call $open (i32.const 3) (i32.const 1) (i32.const 16) (i32.const 4) (i32.const 0)
            (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 64)))
          (i32.shl (i32.eqz (call $link (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 9)
            (i32.const 3) (i32.const 32) (i32.const 4))) (i32.const 1)))
          (i32.or (i32.shl (i32.eqz (call $rename (i32.const 3) (i32.const 0) (i32.const 9)
            (i32.const 3) (i32.const 32) (i32.const 4))) (i32.const 2))
          (i32.shl (i32.eqz (call $rename (i32.const 3) (i32.const 16) (i32.const 4)
            (i32.const 3) (i32.const 0) (i32.const 9))) (i32.const 3)))))))"#;
    assert_eq!(yard.finish(&yard.serve.request(text)).await.exit_status, 0);
    assert_eq!(fs::read_to_string(yard.serve.scratch.path("secret")).unwrap(), "x");
    yard.close().await;
}

#[tokio::test]
async fn magic_links_of_a_bound_proc_are_not_followed() {
    if !is_root() {
        return;
    }
    let yard = Yard::open().await;
    let proc = Mounted::new("/proc", &root(&yard.serve).join("proc"), "", libc::MS_BIND, "");
    let engine = yard.serve.child.id();
    let mut tricks = vec![
        "proc/self/root/etc/passwd".to_owned(),
        "proc/1/root/etc/passwd".to_owned(),
    ];
    tricks.push(format!("proc/{engine}/root/etc/passwd"));
    tricks.push("proc/self/cwd/Cargo.toml".to_owned());
    tricks.push("proc/thread-self/root/etc/passwd".to_owned());
    tricks.extend((0..20).map(|fd| format!("proc/self/fd/{fd}")));
    for path in tricks {
        assert_ne!(opened(&yard, &path, 0).await, 0, "{path}");
    }
    drop(proc);
    yard.close().await;
}

#[tokio::test]
async fn a_read_only_mount_stays_as_it_is() {
    if !is_root() {
        return;
    }
    let yard = Yard::open().await;
    let (source, target) = (yard.serve.scratch.path("config"), root(&yard.serve).join("config"));
    fs::create_dir(&source).unwrap();
    fs::write(source.join("key"), "value").unwrap();
    let mount = Mounted::new(&display(&source), &target, "", libc::MS_BIND, "");
    let read_only = libc::MS_BIND | libc::MS_REMOUNT | libc::MS_RDONLY;
    let again = Mounted::new("", &target, "", read_only, "");
    assert_ne!(opened(&yard, "config/new", 1).await, 0);
    // To write, and truncated.
    assert_ne!(opened(&yard, "config/key", 8).await, 0);
    assert_eq!(fs::read_to_string(source.join("key")).unwrap(), "value");
    assert_eq!(fs::read_dir(&source).unwrap().count(), 1);
    drop((again, mount));
    yard.close().await;
}

/// Opens the fifo with `rights`, again and again.
fn fifo_opener(rights: u32) -> String {
    let open = format!(
        "(call $path_open (i32.const 3) (i32.const 1) (i32.const 0) (i32.const 4) (i32.const 0)
        (i64.const {rights}) (i64.const {rights}) (i32.const 0) (i32.const 100))"
    );
    guest(
        r#"(data (i32.const 0) "fifo")"#,
        &format!("(loop (drop {open}) (br 0))"),
    )
}

#[tokio::test]
async fn fifos_that_nobody_opens_hold_up_nobody_else() {
    let mut yard = Yard::open().await;
    mkfifo(&root(&yard.serve).join("fifo"));
    for rights in [2, 64] {
        let request = yard.serve.request(fifo_opener(rights));
        for exit in yard.crowd(&request, 4).await {
            assert_eq!((exit.exit_status, exit.cause.as_str()), (137, ""));
        }
        while !yard.serve.scratch.path("root/fifo").exists() {}
    }
    yard.close().await;
}

#[tokio::test]
async fn a_file_system_that_hangs_keeps_its_thread_and_nothing_else() {
    if !is_root() {
        return;
    }
    let Ok(fuse) = fs::OpenOptions::new().read(true).write(true).open("/dev/fuse") else {
        eprintln!("skipped: no /dev/fuse");
        return;
    };
    let mut yard = Yard::open().await;
    // Nobody ever answers what the kernel asks of this file system.
    let data = format!("fd={},rootmode=40000,user_id=0,group_id=0", fuse.as_raw_fd());
    let mount = Mounted::new("hang", &root(&yard.serve).join("hang"), "fuse", 0, &data);
    let request = yard.serve.request(opener("hang/file", 0));
    for exit in yard.crowd(&request, 4).await {
        assert_eq!(exit.exit_status, 137);
        assert!(exit.cause.contains("left behind"), "{}", exit.cause);
    }
    // A container all of whose guests hang ends as fast as one.
    let mut exec = request.clone();
    yard.serve.launch(&request).await;
    (exec.id, exec.container) = ("exec".to_owned(), request.id.clone());
    yard.serve.launch(&exec).await;
    yard.serve.signal(&request.id, 9).await.unwrap();
    let begin = Instant::now();
    assert_eq!(yard.serve.next_exit().await.id, exec.id);
    assert_eq!(yard.serve.next_exit().await.id, request.id);
    assert!(begin.elapsed() < Duration::from_millis(1600), "{:?}", begin.elapsed());
    yard.serve.delete(&request.id).await.unwrap();
    // When the file system goes, so do the threads.
    drop(fuse);
    drop(mount);
    yard.close().await;
}

#[tokio::test]
async fn sockets_and_devices_of_a_volume_cannot_be_opened() {
    if !is_root() {
        return;
    }
    let yard = Yard::open().await;
    let volume = root(&yard.serve).join("volume");
    let mount = Mounted::new("tmpfs", &volume, "tmpfs", libc::MS_NODEV, "");
    let _socket = UnixListener::bind(volume.join("socket")).unwrap();
    for (name, kind, major, minor) in [
        ("null", libc::S_IFCHR, 1, 3),
        ("mem", libc::S_IFCHR, 1, 1),
        ("tty", libc::S_IFCHR, 5, 0),
        ("disk", libc::S_IFBLK, 8, 0),
    ] {
        let path = CString::new(volume.join(name).as_os_str().as_bytes()).unwrap();
        // SAFETY: a C string that outlives the call.
        let made = unsafe { libc::mknod(path.as_ptr(), kind | 0o666, libc::makedev(major, minor)) };
        assert_eq!(made, 0, "{name}: {}", std::io::Error::last_os_error());
    }
    for name in ["socket", "null", "mem", "tty", "disk"] {
        for oflags in [0, 8] {
            assert_ne!(opened(&yard, &format!("volume/{name}"), oflags).await, 0, "{name}");
        }
    }
    drop(mount);
    yard.close().await;
}

#[tokio::test]
async fn output_without_end_fills_its_pipe_and_no_more() {
    let mut yard = Yard::open().await;
    let flood = "(loop (call $put (i32.const 1) (i32.const 0) (i32.const 65536))
        (call $put (i32.const 2) (i32.const 0) (i32.const 1)) (br 0))";
    let mut request = yard.serve.request(guest("", flood));
    yard.crowd(&request, 3).await;
    let fifo = yard.serve.scratch.fifo("out");
    let stdio = request.stdio.mut_or_insert_default();
    (stdio.stdout, stdio.stderr) = (display(&fifo), display(&fifo));
    yard.crowd(&request, 3).await;
    yard.close().await;
}
