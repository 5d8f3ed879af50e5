//! Whom a guest's file accesses and ports count as.

use crate::ffi::identity::{
    self as kernel, CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_NET_BIND_SERVICE, CAP_SETGID, CAP_SETUID,
    Capabilities,
};
use crate::proto::engine::User;
use crate::refusal::{Answer, Naming, Refusal};

/// Capabilities about files of the root and ports of the pod; the rest would reach beyond them.
const OF_GUESTS: [(&str, u32); 5] = [
    ("CAP_CHOWN", CAP_CHOWN),
    ("CAP_DAC_OVERRIDE", CAP_DAC_OVERRIDE),
    ("CAP_FOWNER", CAP_FOWNER),
    ("CAP_FSETID", CAP_FSETID),
    ("CAP_NET_BIND_SERVICE", CAP_NET_BIND_SERVICE),
];
const ABOUT_PORTS: Capabilities = 1 << CAP_NET_BIND_SERVICE;

/// User, groups and capabilities a guest's threads take on when it starts.
#[derive(Clone, Debug)]
pub struct Identity {
    uid: u32,
    gid: u32,
    groups: Vec<u32>,
    capabilities: Capabilities,
}

impl Identity {
    /// The identity a request asks for; none without a user.
    ///
    /// # Errors
    /// When this process may not take on another identity and the request is not for its own.
    pub fn of(user: Option<&User>) -> Answer<Option<Self>> {
        let Some(user) = user else { return Ok(None) };
        let (effective, permitted) = kernel::capabilities().naming("read own capabilities")?;
        let needed = (1 << CAP_SETUID) | (1 << CAP_SETGID);
        if effective & needed != needed {
            return match kernel::effective() == (user.uid, user.gid) {
                true => Ok(None),
                false => Err(Refusal::invalid(format!(
                    "run as user {}:{}: the engine may not change users",
                    user.uid, user.gid
                ))),
            };
        }
        let wanted = |name: &str| user.capabilities.iter().any(|c| c == name);
        let had = |bit: u32| permitted & (1 << bit) != 0;
        Ok(Some(Self {
            uid: user.uid,
            gid: user.gid,
            groups: user.additional_gids.clone(),
            capabilities: OF_GUESTS
                .iter()
                .filter(|(name, bit)| wanted(name) && had(*bit))
                .fold(0, |set, (_, bit)| set | 1 << bit),
        }))
    }

    /// Gives the calling thread, which still is the engine's user, what this one may do about ports: the engine itself
    /// may listen at no port that users may not have, and so cannot for a guest that may not either.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn assume_ports(&self) -> std::io::Result<()> {
        let (effective, permitted) = kernel::capabilities()?;
        match self.capabilities & permitted & ABOUT_PORTS {
            0 => Ok(()),
            ports => kernel::hold_capabilities(effective | ports, permitted),
        }
    }

    /// Makes the calling thread, and those it will start, this user.
    ///
    /// Only the effective and the file system ids change. The real and saved ones stay the engine's: the kernel lets
    /// a process signal those that have its real or saved id, so a user of the node with the same number as
    /// a container's user could otherwise kill the engine's threads. The way back that this leaves open needs
    /// a system call, which a guest cannot make and its thread may not ([`crate::confine`]).
    ///
    /// # Errors
    /// When the kernel refuses one step; the thread must not run guest code then.
    pub fn assume(&self) -> std::io::Result<()> {
        if self.is_assumed()? {
            return Ok(());
        }
        kernel::set_groups(&self.groups)?;
        kernel::set_effective_gid(self.gid)?;
        kernel::set_effective_uid(self.uid)?;
        // Leaving user 0 has emptied the effective set, staying 0 has not: both end with exactly this one.
        kernel::set_capabilities(self.capabilities)
    }

    /// Has the calling thread, which is the engine's yet, do something as this user and group, with what they may do about
    /// ports: a socket is theirs from its birth, which rules of a pod's network ask for.
    ///
    /// # Errors
    /// When the kernel refuses one step; the thread must not go on then.
    pub fn doing<T>(&self, work: impl FnOnce() -> T) -> std::io::Result<T> {
        let (uid, gid) = kernel::effective();
        let (effective, permitted) = kernel::capabilities()?;
        kernel::set_effective_gid(self.gid)?;
        kernel::set_effective_uid(self.uid)?;
        kernel::hold_capabilities(self.capabilities & permitted & ABOUT_PORTS, permitted)?;
        let done = work();
        // Neither way back wants a capability, for the real ids are the engine's still.
        kernel::set_effective_uid(uid)?;
        kernel::set_effective_gid(gid)?;
        kernel::hold_capabilities(effective, permitted)?;
        Ok(done)
    }

    /// Leaves a thread that stays the engine's user no capability.
    ///
    /// # Errors
    /// When the kernel refuses; the thread must not run guest code then.
    pub fn give_up_capabilities() -> std::io::Result<()> {
        match kernel::capabilities()? {
            (0, 0) => Ok(()),
            _ => kernel::set_capabilities(0),
        }
    }

    /// Whether the calling thread has it, as one that a guest's thread started has from birth.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn is_assumed(&self) -> std::io::Result<bool> {
        let (effective, permitted) = kernel::capabilities()?;
        let bare = effective == self.capabilities && permitted == self.capabilities;
        Ok(bare && kernel::effective() == (self.uid, self.gid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_as_the_user_takes_nothing_from_the_engine() {
        let before = (kernel::effective(), kernel::capabilities().unwrap());
        let ((0, _), (effective, _)) = before else {
            return eprintln!("skipped: needs root");
        };
        if effective & (1 << CAP_SETGID) == 0 {
            return eprintln!("skipped: needs root");
        }
        let mut user = User::new();
        (user.uid, user.gid) = (1000, 2000);
        let identity = Identity::of(Some(&user)).unwrap().unwrap();
        assert_eq!(identity.doing(kernel::effective).unwrap(), (1000, 2000));
        assert_eq!((kernel::effective(), kernel::capabilities().unwrap()), before);
    }

    #[test]
    fn only_capabilities_about_files_and_ports_are_kept() {
        let (effective, _) = kernel::capabilities().unwrap();
        if effective & (1 << CAP_SETUID) == 0 {
            eprintln!("skipped: needs root");
            return;
        }
        let mut user = User::new();
        user.uid = 1000;
        user.capabilities = ["CAP_CHOWN", "CAP_SYS_ADMIN", "CAP_NET_RAW", "CAP_NET_BIND_SERVICE"]
            .map(String::from)
            .into();
        let identity = Identity::of(Some(&user)).unwrap().unwrap();
        assert_eq!(identity.capabilities, 1 << CAP_CHOWN | 1 << CAP_NET_BIND_SERVICE);
    }
}
