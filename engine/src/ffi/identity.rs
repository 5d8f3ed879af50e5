//! Who a thread is. The kernel keeps user, groups and capabilities per thread; libc's wrappers change them for
//! every thread of the process, so these are the raw calls.

use super::check;
use std::io;

/// A set of capabilities, bit n for capability n.
pub type Capabilities = u64;

/// Changes owners of files.
pub const CAP_CHOWN: u32 = 0;
/// Past file permissions.
pub const CAP_DAC_OVERRIDE: u32 = 1;
/// Past the owner's rights.
pub const CAP_FOWNER: u32 = 3;
/// Keeps set-id bits.
pub const CAP_FSETID: u32 = 4;
/// Changes groups.
pub const CAP_SETGID: u32 = 6;
/// Changes users.
pub const CAP_SETUID: u32 = 7;
/// Changes the bounding set.
pub const CAP_SETPCAP: u32 = 8;
/// Listens at ports that users may not have.
pub const CAP_NET_BIND_SERVICE: u32 = 10;
/// Among much else, enters namespaces.
pub const CAP_SYS_ADMIN: u32 = 21;
/// Raises priorities.
pub const CAP_SYS_NICE: u32 = 23;
const CAP_LAST: u32 = 63;

#[repr(C)]
struct CapabilityHeader {
    version: u32,
    pid: i32,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct CapabilityHalf {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

const VERSION_3: u32 = 0x2008_0522;

/// The calling thread's effective and permitted capabilities.
pub fn capabilities() -> io::Result<(Capabilities, Capabilities)> {
    let header = CapabilityHeader {
        version: VERSION_3,
        pid: 0,
    };
    let mut halves = [CapabilityHalf::default(); 2];
    // SAFETY: version 3 fills exactly two halves, and both pointers outlive the call.
    check(unsafe { libc::syscall(libc::SYS_capget, &header, halves.as_mut_ptr()) })?;
    let join = |low: u32, high: u32| u64::from(low) | (u64::from(high) << 32);
    Ok((
        join(halves[0].effective, halves[1].effective),
        join(halves[0].permitted, halves[1].permitted),
    ))
}

/// Makes `set` the calling thread's effective and permitted capabilities and leaves it none to inherit.
pub fn set_capabilities(set: Capabilities) -> io::Result<()> {
    hold_capabilities(set, set)
}

/// The same with capabilities that the thread has no use of until it raises them.
pub fn hold_capabilities(effective: Capabilities, permitted: Capabilities) -> io::Result<()> {
    let header = CapabilityHeader {
        version: VERSION_3,
        pid: 0,
    };
    let half = |effective: u32, permitted: u32| CapabilityHalf {
        effective,
        permitted,
        inheritable: 0,
    };
    let halves = [
        half(effective as u32, permitted as u32),
        half((effective >> 32) as u32, (permitted >> 32) as u32),
    ];
    // SAFETY: version 3 reads exactly two halves, and both pointers outlive the call.
    check(unsafe { libc::syscall(libc::SYS_capset, &header, halves.as_ptr()) }).map(drop)
}

/// Takes every capability outside `keep` out of the bounding set; those the kernel does not know are skipped.
pub fn bound_capabilities(keep: Capabilities) -> io::Result<()> {
    for capability in 0..=CAP_LAST {
        if keep & (1 << capability) != 0 {
            continue;
        }
        // SAFETY: takes plain numbers and touches no memory.
        let answer = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
        match check(answer.into()) {
            Err(e) if e.raw_os_error() == Some(libc::EINVAL) => return Ok(()),
            other => other.map(drop)?,
        }
    }
    Ok(())
}

/// Replaces the calling thread's supplementary groups.
pub fn set_groups(groups: &[u32]) -> io::Result<()> {
    // SAFETY: the kernel reads `len` 32-bit ids from a slice of that length.
    check(unsafe { libc::syscall(libc::SYS_setgroups, groups.len(), groups.as_ptr()) }).map(drop)
}

/// Sets the effective (and with it the file system) group of the calling thread; real and saved stay.
pub fn set_effective_gid(gid: u32) -> io::Result<()> {
    // SAFETY: takes plain numbers and touches no memory; -1 leaves an id alone.
    check(unsafe { libc::syscall(libc::SYS_setresgid, -1, gid, -1) }).map(drop)
}

/// Sets the effective (and with it the file system) user of the calling thread; real and saved stay.
pub fn set_effective_uid(uid: u32) -> io::Result<()> {
    // SAFETY: takes plain numbers and touches no memory; -1 leaves an id alone.
    check(unsafe { libc::syscall(libc::SYS_setresuid, -1, uid, -1) }).map(drop)
}

/// The effective user and group of the calling thread.
pub fn effective() -> (u32, u32) {
    // SAFETY: neither can fail nor touches memory.
    unsafe { (libc::geteuid(), libc::getegid()) }
}

/// Gives up the process' identity for good: all three ids, no supplementary groups, no capabilities.
pub fn become_nobody(uid: u32, gid: u32) -> io::Result<()> {
    set_groups(&[])?;
    // SAFETY: take plain numbers and touch no memory.
    check(unsafe { libc::syscall(libc::SYS_setresgid, gid, gid, gid) })?;
    // SAFETY: as above.
    check(unsafe { libc::syscall(libc::SYS_setresuid, uid, uid, uid) })?;
    set_capabilities(0)
}

/// After this no `exec` of this thread or its children gains privileges.
pub fn no_new_privileges() -> io::Result<()> {
    // SAFETY: takes plain numbers and touches no memory.
    check(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }.into()).map(drop)
}
