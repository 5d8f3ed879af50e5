//! The system calls of the engine's threads, by what they are for.

use libc::c_long;
use std::process;

/// A call and the arguments it is for.
pub type Rule = (c_long, When);

/// Arguments, counted from 0.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// Whatever they are.
    Always,
    /// This one is among these.
    OneOf(u8, &'static [u64]),
    /// The first is a null pointer, and the second is 0.
    Null(u8, u8),
    /// Of this one, the bits of the mask have this value.
    Bits(u8, u64, u64),
    /// A stream or datagram socket of one of these families.
    Socket(&'static [u64]),
}

/// Memory, and waiting for other threads. All threads need them all the time.
const BASE: &[c_long] = &[
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    // Threads: their start, their end, what libc registers for them.
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_gettid,
    libc::SYS_membarrier,
    libc::SYS_rseq,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    // Signals: Wasmtime's handlers of traps, the wake signal, what the kernel goes on with after one.
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    // Who and when.
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_getuid,
    libc::SYS_gettimeofday,
    libc::SYS_nanosleep,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    // Descriptors that are open.
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_lseek,
    libc::SYS_newfstatat,
    libc::SYS_ppoll,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_statx,
];

/// Files, as WASI has them, and the engine's own: modules, fifos, namespaces, `/proc/self`.
const FILES: &[c_long] = &[
    libc::SYS_copy_file_range,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fadvise64,
    libc::SYS_fallocate,
    libc::SYS_fdatasync,
    libc::SYS_fstatfs,
    libc::SYS_fsync,
    libc::SYS_ftruncate,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_linkat,
    libc::SYS_mkdirat,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_preadv2,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    libc::SYS_pwritev2,
    libc::SYS_readlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_symlinkat,
    libc::SYS_unlinkat,
    libc::SYS_utimensat,
];

/// Readiness, and sockets that are there.
const WAITING: &[c_long] = &[
    libc::SYS_accept4,
    libc::SYS_bind,
    libc::SYS_connect,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_eventfd2,
    libc::SYS_getpeername,
    libc::SYS_getsockname,
    libc::SYS_getsockopt,
    libc::SYS_listen,
    libc::SYS_recvfrom,
    libc::SYS_recvmmsg,
    libc::SYS_recvmsg,
    libc::SYS_sendmmsg,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_setsockopt,
    libc::SYS_shutdown,
];

/// Calls that newer architectures have not, of which libc makes some where it has them.
#[cfg(target_arch = "x86_64")]
const OLD: &[c_long] = &[
    libc::SYS_access,
    libc::SYS_epoll_wait,
    libc::SYS_poll,
    libc::SYS_readlink,
];
#[cfg(not(target_arch = "x86_64"))]
const OLD: &[c_long] = &[];

/// What only the engine's own threads do, and a guest's until it runs: the socket of `serve`, the user, the groups
/// and the capabilities of a guest, resident pages, and narrower filters.
const ENGINE: &[c_long] = &[
    libc::SYS_capget,
    libc::SYS_capset,
    libc::SYS_fchmodat,
    libc::SYS_mincore,
    libc::SYS_seccomp,
    libc::SYS_setgroups,
    libc::SYS_setresgid,
    libc::SYS_setresuid,
];
#[cfg(target_arch = "x86_64")]
const OLD_OF_ENGINE: &[c_long] = &[libc::SYS_chmod, libc::SYS_unlink];
#[cfg(not(target_arch = "x86_64"))]
const OLD_OF_ENGINE: &[c_long] = &[];

/// With what the compiler gives up its privileges.
const GIVING_UP: &[c_long] = &[
    libc::SYS_capset,
    libc::SYS_prlimit64,
    libc::SYS_setgroups,
    libc::SYS_setpriority,
    libc::SYS_setresgid,
    libc::SYS_setresuid,
];

const UNIX: u64 = libc::AF_UNIX as u64;
const INET: u64 = libc::AF_INET as u64;
const INET6: u64 = libc::AF_INET6 as u64;
const SET_NAME: u64 = libc::PR_SET_NAME as u64;
const NO_NEW_PRIVILEGES: u64 = libc::PR_SET_NO_NEW_PRIVS as u64;

/// Which pages of this process were written to, as the pool of instances asks; from <linux/fs.h>.
const PAGEMAP_SCAN: u64 = 0xc060_6610;

/// The flags of a new thread, and none of a new process or namespace.
const CLONE_MASK: u64 = (libc::CLONE_THREAD
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET) as u64;
const CLONE_THREAD: u64 = libc::CLONE_THREAD as u64;

const A_THREAD: Rule = (libc::SYS_clone, When::Bits(0, CLONE_MASK, CLONE_THREAD));
/// Bounds are read here; they have been set before.
const READ_BOUNDS: Rule = (libc::SYS_prlimit64, When::Null(2, 0));
const NOTHING_EXECUTABLE: u64 = libc::PROT_EXEC as u64;

/// What a guest's thread and the engine's have in common beside the lists.
const WITH_ARGUMENTS: &[Rule] = &[
    A_THREAD,
    READ_BOUNDS,
    (
        libc::SYS_fcntl,
        When::OneOf(
            1,
            &[
                libc::F_DUPFD_CLOEXEC as u64,
                libc::F_GETFD as u64,
                libc::F_SETFD as u64,
                libc::F_GETFL as u64,
                libc::F_SETFL as u64,
                libc::F_ADD_SEALS as u64,
            ],
        ),
    ),
    (
        libc::SYS_ioctl,
        When::OneOf(
            1,
            &[libc::TCGETS, libc::FIONBIO, libc::FIONREAD, libc::FIOCLEX, PAGEMAP_SCAN],
        ),
    ),
    // Memory images of modules whose file cannot be mapped.
    (libc::SYS_memfd_create, When::Always),
    (libc::SYS_prctl, When::OneOf(0, &[SET_NAME])),
];

/// The call for threads and processes whose flags lie in memory, where a filter cannot read them. Told that there is
/// none, libc takes `clone`.
pub const UNREADABLE: [Rule; 1] = [(libc::SYS_clone3, When::Always)];

fn all(lists: &[&[c_long]]) -> Vec<Rule> {
    lists
        .iter()
        .copied()
        .flatten()
        .map(|call| (*call, When::Always))
        .collect()
}

/// Signals to threads of this process.
fn own_signals() -> Rule {
    (libc::SYS_tgkill, When::Bits(0, u32::MAX.into(), process::id().into()))
}

/// What `serve` may call.
pub fn engine() -> Vec<Rule> {
    let mut rules = all(&[BASE, FILES, WAITING, OLD, ENGINE, OLD_OF_ENGINE]);
    rules.extend_from_slice(WITH_ARGUMENTS);
    rules.extend([
        own_signals(),
        (libc::SYS_clone3, When::Always),
        (libc::SYS_mmap, When::Always),
        (libc::SYS_mprotect, When::Always),
        (libc::SYS_setns, When::OneOf(1, &[libc::CLONE_NEWNET as u64])),
        (libc::SYS_setpriority, When::OneOf(0, &[libc::PRIO_PROCESS as u64])),
        (libc::SYS_socket, When::Socket(&[UNIX, INET, INET6])),
        (libc::SYS_unshare, When::OneOf(0, &[libc::CLONE_NEWNET as u64])),
    ]);
    rules
}

/// What the thread of a guest may call once the guest runs.
pub fn guest() -> Vec<Rule> {
    let mut rules = all(&[BASE, FILES, WAITING, OLD]);
    rules.extend_from_slice(WITH_ARGUMENTS);
    rules.extend([
        own_signals(),
        (libc::SYS_capget, When::Always),
        (libc::SYS_clone3, When::Always),
        (libc::SYS_mmap, When::Bits(2, NOTHING_EXECUTABLE, 0)),
        (libc::SYS_mprotect, When::Bits(2, NOTHING_EXECUTABLE, 0)),
        (libc::SYS_socket, When::Socket(&[INET, INET6])),
    ]);
    rules
}

/// What `compile` may call: no file, no socket, no other process.
pub fn compiler() -> Vec<Rule> {
    let mut rules = all(&[BASE, OLD, GIVING_UP]);
    rules.extend([
        own_signals(),
        A_THREAD,
        (libc::SYS_clone3, When::Always),
        (libc::SYS_mmap, When::Bits(2, NOTHING_EXECUTABLE, 0)),
        (libc::SYS_mprotect, When::Bits(2, NOTHING_EXECUTABLE, 0)),
        (libc::SYS_prctl, When::OneOf(0, &[NO_NEW_PRIVILEGES, SET_NAME])),
    ]);
    rules
}
