//! What is left to the engine, and to the threads of guests, of what the kernel can do.

#[path = "../common/mod.rs"]
mod common;
mod files;

use common::{Serve, guest, is_root, until};
use krustlet_engine::confine;
use krustlet_engine::proto::engine as wire;
use std::collections::HashMap;
use std::fs;
use std::io::Error;
use std::thread;

const FILES: u64 = 0b1_1011; // CHOWN, DAC_OVERRIDE, FOWNER, FSETID
const PORTS: u64 = 1 << 10; // NET_BIND_SERVICE
const SETID_ADMIN_NICE: u64 = 1 << 6 | 1 << 7 | 1 << 21 | 1 << 23;

struct Status(HashMap<String, String>);

impl Status {
    fn of(path: &str) -> Self {
        let text = fs::read_to_string(format!("{path}/status")).unwrap();
        let pairs = text.lines().filter_map(|l| l.split_once(':'));
        Self(pairs.map(|(k, v)| (k.to_owned(), v.trim().to_owned())).collect())
    }

    fn number(&self, name: &str) -> u64 {
        self.0[name].parse().unwrap()
    }

    fn set(&self, name: &str) -> u64 {
        u64::from_str_radix(&self.0[name], 16).unwrap()
    }

    fn assert_confined(&self) {
        assert_eq!((self.number("NoNewPrivs"), self.number("Seccomp")), (1, 2));
        assert_eq!((self.set("CapInh"), self.set("CapBnd"), self.set("CapAmb")), (0, 0, 0));
    }
}

/// Runs until it is killed.
const ENDLESS: &str = "(loop (br 0))";

async fn thread_of(user: Option<wire::User>) -> (Serve, Status) {
    let serve = Serve::start().await;
    let mut request = serve.request(guest("", ENDLESS));
    request.user = user.into();
    let tid = serve.launch(&request).await;
    let path = format!("/proc/{}/task/{tid}", serve.child.id());
    until("the guest runs", || Status::of(&path).number("Seccomp_filters") == 3).await;
    let status = Status::of(&path);
    (serve, status)
}

fn user(uid: u32, capabilities: &[&str]) -> Option<wire::User> {
    let mut user = wire::User::new();
    user.uid = uid;
    user.gid = uid;
    user.capabilities = capabilities.iter().map(|c| c.to_string()).collect();
    Some(user)
}

#[tokio::test]
async fn all_threads_of_the_engine_are_confined() {
    if !is_root() {
        return;
    }
    let serve = Serve::start().await;
    let mut threads = 0;
    for task in fs::read_dir(format!("/proc/{}/task", serve.child.id())).unwrap() {
        let status = Status::of(task.unwrap().path().to_str().unwrap());
        status.assert_confined();
        let most = FILES | SETID_ADMIN_NICE;
        assert_eq!(status.set("CapEff") & !most, 0);
        assert_eq!(status.set("CapPrm") & !(most | PORTS), 0);
        threads += 1;
    }
    assert!(threads >= 3);
}

#[tokio::test]
async fn the_thread_of_a_guest_has_no_capabilities() {
    if !is_root() {
        return;
    }
    for user in [None, user(1000, &[]), user(0, &["CAP_SYS_ADMIN", "CAP_NET_RAW"])] {
        let (_serve, status) = thread_of(user).await;
        status.assert_confined();
        assert_eq!((status.set("CapEff"), status.set("CapPrm")), (0, 0));
    }
}

#[tokio::test]
async fn but_for_those_about_files_and_ports_that_its_spec_gives_it() {
    if !is_root() {
        return;
    }
    for (given, held) in [("CAP_CHOWN", 1), ("CAP_NET_BIND_SERVICE", PORTS)] {
        let (_serve, status) = thread_of(user(0, &[given, "CAP_SYS_ADMIN"])).await;
        status.assert_confined();
        assert_eq!((status.set("CapEff"), status.set("CapPrm")), (held, held));
    }
}

/// The error of a call.
fn errno(call: libc::c_long, args: [libc::c_long; 6]) -> i32 {
    let [a, b, c, d, e, f] = args;
    // SAFETY: the calls here are denied, or get arguments with which they touch nothing.
    let answer = unsafe { libc::syscall(call, a, b, c, d, e, f) };
    if answer < 0 {
        Error::last_os_error().raw_os_error().unwrap()
    } else {
        0
    }
}

/// Runs `look` on a thread that the filters of `confine` bind, and that takes them along when it ends.
fn confined<T: Send + 'static>(confine: fn(), look: fn() -> T) -> T {
    thread::spawn(move || {
        confine();
        look()
    })
    .join()
    .unwrap()
}

fn as_engine() {
    confine::engine().unwrap();
}

fn as_guest() {
    confine::engine().unwrap();
    confine::guest().unwrap();
}

const DENIED: i32 = libc::ENOSYS;

fn call(number: libc::c_long, first: &[libc::c_long]) -> i32 {
    let mut args = [0; 6];
    args[..first.len()].copy_from_slice(first);
    errno(number, args)
}

#[test]
fn nobody_gets_at_other_processes_the_kernel_or_mounts() {
    let denied = || {
        [
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_pidfd_open,
            libc::SYS_kill,
            libc::SYS_execve,
            libc::SYS_execveat,
            libc::SYS_clone3,
            libc::SYS_unshare,
            libc::SYS_mount,
            libc::SYS_umount2,
            libc::SYS_pivot_root,
            libc::SYS_chroot,
            libc::SYS_open_tree,
            libc::SYS_move_mount,
            libc::SYS_fsopen,
            libc::SYS_open_by_handle_at,
            libc::SYS_name_to_handle_at,
            libc::SYS_bpf,
            libc::SYS_perf_event_open,
            libc::SYS_userfaultfd,
            libc::SYS_io_uring_setup,
            libc::SYS_keyctl,
            libc::SYS_add_key,
            libc::SYS_init_module,
            libc::SYS_finit_module,
            libc::SYS_kexec_load,
            libc::SYS_mknodat,
            libc::SYS_setxattr,
            libc::SYS_fchownat,
        ]
        .map(|number| (number, call(number, &[-1, -1])))
    };
    for confine in [as_engine as fn(), as_guest] {
        for (number, error) in confined(confine, denied) {
            assert_eq!(error, DENIED, "call {number}");
        }
    }
}

#[test]
fn arguments_count() {
    let errors = confined(as_engine, || {
        let fork = libc::SIGCHLD as libc::c_long;
        [
            call(libc::SYS_clone, &[fork]),
            call(
                libc::SYS_clone,
                &[(libc::CLONE_THREAD | libc::CLONE_NEWUSER) as libc::c_long],
            ),
            call(libc::SYS_setns, &[-1, libc::CLONE_NEWNS as libc::c_long]),
            call(libc::SYS_setns, &[-1, 0]),
            call(libc::SYS_unshare, &[0]),
            call(libc::SYS_unshare, &[libc::CLONE_NEWUSER as libc::c_long]),
            call(
                libc::SYS_unshare,
                &[(libc::CLONE_NEWNET | libc::CLONE_NEWNS) as libc::c_long],
            ),
            call(
                libc::SYS_socket,
                &[libc::AF_NETLINK as libc::c_long, libc::SOCK_DGRAM as libc::c_long],
            ),
            call(
                libc::SYS_socket,
                &[libc::AF_PACKET as libc::c_long, libc::SOCK_DGRAM as libc::c_long],
            ),
            call(
                libc::SYS_socket,
                &[libc::AF_INET as libc::c_long, libc::SOCK_RAW as libc::c_long],
            ),
            call(libc::SYS_tgkill, &[1, 1, 0]),
            call(libc::SYS_ioctl, &[-1, libc::TIOCSTI as libc::c_long]),
            call(libc::SYS_prctl, &[libc::PR_SET_DUMPABLE as libc::c_long]),
            call(libc::SYS_prlimit64, &[1, 0, 0, 0]),
        ]
    });
    assert_eq!(errors, [DENIED; 14]);
    let others = confined(as_engine, || {
        let new = libc::CLONE_NEWNET as libc::c_long;
        [
            call(libc::SYS_setns, &[-1, new]),
            call(libc::SYS_ioctl, &[-1, libc::FIONBIO as libc::c_long]),
        ]
    });
    assert_eq!(others, [libc::EBADF; 2]);
}

#[test]
fn a_guests_thread_cannot_go_back_on_what_it_has_given_up() {
    let calls = || {
        let page = 4096;
        let code = (libc::PROT_READ | libc::PROT_EXEC) as libc::c_long;
        let private = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS) as libc::c_long;
        [
            call(libc::SYS_setresuid, &[-1, -1, -1]),
            call(libc::SYS_setresgid, &[-1, -1, -1]),
            call(libc::SYS_setgroups, &[-1]),
            call(libc::SYS_capset, &[]),
            call(libc::SYS_setns, &[-1, libc::CLONE_NEWNET as libc::c_long]),
            call(libc::SYS_unshare, &[libc::CLONE_NEWNET as libc::c_long]),
            call(libc::SYS_seccomp, &[]),
            call(libc::SYS_setpriority, &[libc::PRIO_PROCESS as libc::c_long, -1, 0]),
            call(libc::SYS_fchmodat, &[-1]),
            call(
                libc::SYS_socket,
                &[libc::AF_UNIX as libc::c_long, libc::SOCK_STREAM as libc::c_long],
            ),
            call(libc::SYS_mmap, &[0, page, code, private, -1, 0]),
            call(libc::SYS_mprotect, &[0, page, code]),
        ]
    };
    assert!(!confined(as_engine, calls).contains(&DENIED));
    assert_eq!(confined(as_guest, calls), [DENIED; 12]);
}

#[test]
fn threads_are_born_confined_and_asking_again_is_no_error() {
    let of_child = || {
        let child = thread::spawn(|| {
            confine::guest().unwrap();
            (
                Status::of("/proc/thread-self").number("Seccomp_filters"),
                call(libc::SYS_unshare, &[]),
            )
        });
        child.join().unwrap()
    };
    assert_eq!(confined(as_guest, of_child), (3, DENIED));
}

#[test]
fn the_compiler_opens_no_file_and_no_socket() {
    let errors = confined(
        || confine::compiler().unwrap(),
        || {
            [
                call(libc::SYS_openat, &[-1]),
                call(libc::SYS_openat2, &[-1]),
                call(
                    libc::SYS_socket,
                    &[libc::AF_INET as libc::c_long, libc::SOCK_STREAM as libc::c_long],
                ),
                call(libc::SYS_clone, &[libc::SIGCHLD as libc::c_long]),
                call(libc::SYS_execve, &[]),
                call(libc::SYS_kill, &[0, 0]),
                call(libc::SYS_unlinkat, &[-1]),
            ]
        },
    );
    assert_eq!(errors, [DENIED; 7]);
}
