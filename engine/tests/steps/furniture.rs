//! The files that scripts find.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

/// A file of ten bytes, one that nobody may read, directories, and links of all kinds.
pub fn fill(root: &Path) {
    fs::create_dir_all(root.join("dir/deep")).unwrap();
    fs::create_dir(root.join("empty")).unwrap();
    fs::create_dir(root.join("closed")).unwrap();
    for (name, text) in [("file", "0123456789"), ("dir/inner", "inner"), ("private", "secret")] {
        fs::write(root.join(name), text).unwrap();
    }
    for name in ["private", "closed"] {
        fs::set_permissions(root.join(name), PermissionsExt::from_mode(0o000)).unwrap();
    }
    for (name, target) in [
        ("link", "file"),
        ("linkdir", "dir"),
        ("dangling", "nothing"),
        ("loop", "loop"),
        ("out", "../.."),
        ("absolute", "/file"),
    ] {
        symlink(target, root.join(name)).unwrap();
    }
}
