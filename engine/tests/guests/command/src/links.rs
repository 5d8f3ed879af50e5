//! `wasi:filesystem/types`: links of both kinds, and what follows them.

use crate::check::Interface;
use wasip2::filesystem::types::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags};

const TYPES: Interface = Interface("wasi:filesystem/types");
const STAY: PathFlags = PathFlags::empty();
const FOLLOW: PathFlags = PathFlags::SYMLINK_FOLLOW;

/// Leaves `soft`, a symbolic link, and `hard`, a hard one, to the file `file`.
pub fn checks(paths: &Descriptor) {
    check!(
        TYPES,
        "[method]descriptor.symlink-at",
        paths.symlink_at("file", "soft") == Ok(())
    );
    check!(
        TYPES,
        "[method]descriptor.symlink-at",
        paths.symlink_at("file", "soft") == Err(ErrorCode::Exist)
    );
    let outside = paths.symlink_at("/file", "absolute");
    check!(
        TYPES,
        "[method]descriptor.symlink-at",
        outside == Err(ErrorCode::NotPermitted)
    );
    check!(
        TYPES,
        "[method]descriptor.readlink-at",
        paths.readlink_at("soft") == Ok("file".to_owned())
    );
    check!(
        TYPES,
        "[method]descriptor.readlink-at",
        paths.readlink_at("file") == Err(ErrorCode::Invalid)
    );
    check!(
        TYPES,
        "[method]descriptor.readlink-at",
        paths.readlink_at("none") == Err(ErrorCode::NoEntry)
    );
    let flags = DescriptorFlags::READ;
    let closed = paths.open_at(STAY, "soft", OpenFlags::empty(), flags).err();
    check!(TYPES, "[method]descriptor.open-at", closed == Some(ErrorCode::Loop));
    check!(
        TYPES,
        "[method]descriptor.open-at",
        paths.open_at(FOLLOW, "soft", OpenFlags::empty(), flags).is_ok()
    );
    paths.symlink_at("round", "round").unwrap();
    let round = paths.open_at(FOLLOW, "round", OpenFlags::empty(), flags).err();
    check!(TYPES, "[method]descriptor.open-at", round == Some(ErrorCode::Loop));
    check!(
        TYPES,
        "[method]descriptor.link-at",
        paths.link_at(STAY, "file", paths, "hard") == Ok(())
    );
    check!(
        TYPES,
        "[method]descriptor.link-at",
        paths.stat_at(STAY, "hard").is_ok_and(|s| s.link_count == 2)
    );
    check!(
        TYPES,
        "[method]descriptor.link-at",
        paths.link_at(STAY, "file", paths, "hard") == Err(ErrorCode::Exist)
    );
    let outside = paths.link_at(STAY, "file", paths, "../hard");
    check!(
        TYPES,
        "[method]descriptor.link-at",
        outside == Err(ErrorCode::NotPermitted)
    );
    check!(
        TYPES,
        "[method]descriptor.link-at",
        paths.link_at(STAY, "dir", paths, "d") == Err(ErrorCode::NotPermitted)
    );
    check!(
        TYPES,
        "[method]descriptor.link-at",
        paths.link_at(STAY, "none", paths, "n") == Err(ErrorCode::NoEntry)
    );
}
