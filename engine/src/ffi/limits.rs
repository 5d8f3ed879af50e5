//! Limits of the process itself.

use super::check;
use std::io;

/// What `setrlimit` can bound here.
pub enum Limit {
    /// Bytes of address space.
    AddressSpace,
    /// Seconds of CPU time.
    Cpu,
    /// Bytes of a core file.
    Core,
    /// Open descriptors.
    Files,
    /// Bytes of a file that is written.
    FileSize,
}

impl Limit {
    fn number(&self) -> libc::__rlimit_resource_t {
        match self {
            Limit::AddressSpace => libc::RLIMIT_AS,
            Limit::Cpu => libc::RLIMIT_CPU,
            Limit::Core => libc::RLIMIT_CORE,
            Limit::Files => libc::RLIMIT_NOFILE,
            Limit::FileSize => libc::RLIMIT_FSIZE,
        }
    }
}

/// Sets the soft and the hard limit, the hard one no higher than it was.
pub fn set(limit: Limit, value: u64) -> io::Result<()> {
    let value = value.min(get(&limit)?.rlim_max);
    put(
        &limit,
        libc::rlimit {
            rlim_cur: value,
            rlim_max: value,
        },
    )
}

/// Raises the soft limit to the hard one.
pub fn raise(limit: Limit) -> io::Result<()> {
    let mut now = get(&limit)?;
    now.rlim_cur = now.rlim_max;
    put(&limit, now)
}

/// How many descriptors this process may have open; if the kernel does not tell, what it grants at the least.
pub fn descriptors() -> u64 {
    const USUAL: u64 = 1024;
    get(&Limit::Files).map_or(USUAL, |limit| limit.rlim_cur)
}

fn get(limit: &Limit) -> io::Result<libc::rlimit> {
    let mut now = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the pointer is valid for the structure the kernel fills.
    check(unsafe { libc::getrlimit(limit.number(), &mut now) }.into())?;
    Ok(now)
}

fn put(limit: &Limit, value: libc::rlimit) -> io::Result<()> {
    // SAFETY: the pointer is valid for the structure the kernel reads.
    check(unsafe { libc::setrlimit(limit.number(), &value) }.into()).map(drop)
}

/// Sets the mask of permission bits that new files do not get.
pub fn set_umask(mask: u32) {
    // SAFETY: cannot fail and touches no memory.
    unsafe { libc::umask(mask as libc::mode_t) };
}

/// Bounds the number of malloc arenas, so that a thousand threads do not keep a thousand half-empty heaps.
pub fn bound_malloc_arenas(count: i32) {
    #[cfg(target_env = "gnu")]
    // SAFETY: takes plain numbers; called before other threads exist.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, count);
    }
    #[cfg(not(target_env = "gnu"))]
    let _ = count;
}
