//! The files that scripts find.

use crate::common::{Serve, display, is_root};
use crate::steps::furniture;
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::os::unix::fs::lchown;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whose the files are, where the test may give them away.
const USER: u32 = 1000;

/// Fills the root that guests have.
pub fn furnish(serve: &Serve) {
    let root = serve.scratch.path("root");
    furniture::fill(&root);
    fs::write(serve.scratch.path("input"), "input").unwrap();
    if is_root() {
        for path in [
            "",
            "file",
            "dir",
            "dir/deep",
            "dir/inner",
            "empty",
            "link",
            "linkdir",
            "loop",
        ] {
            lchown(root.join(path), Some(USER), Some(USER)).unwrap();
        }
    }
}

/// Gives the guest arguments, environment, an input and a user whom modes bind.
pub fn bring_in(serve: &Serve, request: &mut wire::CreateRequest) {
    request.stdio.mut_or_insert_default().stdin = display(&serve.scratch.path("input"));
    request.args = vec!["guest".into(), "two words".into(), String::new()];
    request.env = vec!["NAME=a=b".into(), "EMPTY=".into()];
    if is_root() {
        let user = request.user.mut_or_insert_default();
        (user.uid, user.gid) = (USER, USER);
    }
}

/// A file system below the guest's root that goes with its owner.
pub struct Mounted(PathBuf);

impl Mounted {
    /// Mounts what `options` of mount(8) say.
    pub fn new(target: &Path, options: &[&str]) -> Self {
        fs::create_dir(target).unwrap();
        let mounted = Command::new("mount").args(options).arg(target).status();
        assert!(mounted.unwrap().success(), "mount {options:?} {}", target.display());
        Self(target.to_owned())
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// A small file system of the user's in the root, and one that nobody may write.
pub fn mount(serve: &Serve) -> [Mounted; 2] {
    let root = serve.scratch.path("root");
    let fixed = serve.scratch.path("fixed");
    fs::create_dir(&fixed).unwrap();
    fs::write(fixed.join("file"), "fixed").unwrap();
    lchown(&fixed, Some(USER), Some(USER)).unwrap();
    lchown(fixed.join("file"), Some(USER), Some(USER)).unwrap();
    let small = format!("size=4k,mode=777,uid={USER}");
    [
        Mounted::new(&root.join("small"), &["-t", "tmpfs", "-o", &small, "none"]),
        Mounted::new(&root.join("fixed"), &["-o", "bind,ro", &display(&fixed)]),
    ]
}
