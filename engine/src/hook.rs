//! Another program in this one's place, as a hook of a container is started.

use crate::ffi;
use crate::refusal::Refusal;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// What containerd and runc have; the daemon's own files are for nobody else.
const UMASK: u32 = 0o022;

/// Becomes `program`, which knows itself by the first of `argv`: a caller that can only start a program under its own
/// name has it so. Returns only what stands in the way.
pub fn become_hook(program: &Path, argv: &[OsString]) -> Refusal {
    let Some((name, args)) = argv.split_first() else {
        return Refusal::invalid(format!("run {}: its name for itself is missing", program.display()));
    };
    ffi::limits::set_umask(UMASK);
    let cause = Command::new(program).arg0(name).args(args).exec();
    Refusal::internal(format!("run {}: {cause}", program.display()))
}
