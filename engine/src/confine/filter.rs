//! From lists of system calls to the kernel's programs.

use super::calls::{Rule, When};
use seccompiler::SeccompCmpArgLen::{Dword, Qword};
use seccompiler::{
    SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};
use std::collections::BTreeMap;
use std::io;

/// A compiled filter.
pub type Program = seccompiler::BpfProgram;

/// What becomes of a call.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// It is made.
    Allow,
    /// It is not; the answer is this error.
    Fail(i32),
}

impl From<Action> for SeccompAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Allow => SeccompAction::Allow,
            Action::Fail(errno) => SeccompAction::Errno(errno.unsigned_abs()),
        }
    }
}

/// A filter that does `listed` with the calls that a rule is for and `others` with all others. The last rule for
/// a call counts. Calls of another architecture's numbering end the process.
///
/// # Errors
/// When there are too many rules for the kernel.
pub fn program(rules: &[Rule], listed: Action, others: Action) -> io::Result<Program> {
    let build = || -> Result<Program, seccompiler::BackendError> {
        let mut map = BTreeMap::new();
        for (call, when) in rules {
            map.insert(*call, conditions(when)?);
        }
        let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
        SeccompFilter::new(map, others.into(), listed.into(), architecture)?.try_into()
    };
    build().map_err(io::Error::other)
}

fn conditions(when: &When) -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let equal = |arg, width, value| SeccompCondition::new(arg, width, SeccompCmpOp::Eq, value);
    let masked = |arg, width, mask, value| SeccompCondition::new(arg, width, SeccompCmpOp::MaskedEq(mask), value);
    match *when {
        When::Always => Ok(vec![]),
        When::OneOf(arg, values) => any(values.iter().map(|v| vec![equal(arg, Dword, *v)])),
        When::Null(null, zero) => any([vec![equal(zero, Dword, 0), equal(null, Qword, 0)]].into_iter()),
        When::Bits(arg, mask, value) => any([vec![masked(arg, width(mask), mask, value)]].into_iter()),
        When::Socket(families) => any(families.iter().flat_map(|family| {
            [libc::SOCK_STREAM, libc::SOCK_DGRAM]
                .map(|kind| vec![equal(0, Dword, *family), masked(1, Dword, KIND_OF_SOCKET, kind as u64)])
        })),
    }
}

/// Of a socket's type, what is not a flag.
const KIND_OF_SOCKET: u64 = 0xf;

fn width(mask: u64) -> SeccompCmpArgLen {
    if mask > u32::MAX.into() { Qword } else { Dword }
}

/// True if one of the alternatives is, an alternative if all of its conditions are.
fn any(
    alternatives: impl Iterator<Item = Vec<Result<SeccompCondition, seccompiler::BackendError>>>,
) -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    alternatives
        .map(|all| SeccompRule::new(all.into_iter().collect::<Result<_, _>>()?))
        .collect()
}
