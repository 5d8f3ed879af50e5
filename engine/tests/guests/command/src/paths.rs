//! `wasi:filesystem/types`: what is done to a path below a directory.

use crate::check::Interface;
use crate::directories::{create, open, root};
use crate::links;
use wasip2::clocks::wall_clock::Datetime;
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, NewTimestamp, OpenFlags, PathFlags,
};

const TYPES: Interface = Interface("wasi:filesystem/types");
const STAY: PathFlags = PathFlags::empty();
const FOLLOW: PathFlags = PathFlags::SYMLINK_FOLLOW;

pub fn checks() {
    let root = root();
    root.create_directory_at("paths").unwrap();
    let paths = open(&root, "paths", OpenFlags::DIRECTORY).unwrap();
    create(&paths, "file").write(b"0123456789", 0).unwrap();
    directories(&paths);
    opens(&paths);
    links::checks(&paths);
    attributes(&paths);
    names(&paths);
    removals(&paths);
}

fn directories(paths: &Descriptor) {
    check!(
        TYPES,
        "[method]descriptor.create-directory-at",
        paths.create_directory_at("dir") == Ok(())
    );
    check!(
        TYPES,
        "[method]descriptor.create-directory-at",
        paths.create_directory_at("dir") == Err(ErrorCode::Exist)
    );
    let made = paths.create_directory_at("none/dir");
    check!(
        TYPES,
        "[method]descriptor.create-directory-at",
        made == Err(ErrorCode::NoEntry)
    );
    let made = paths.create_directory_at("../dir");
    check!(
        TYPES,
        "[method]descriptor.create-directory-at",
        made == Err(ErrorCode::NotPermitted)
    );
}

fn opens(paths: &Descriptor) {
    let opened = |name, how, flags| paths.open_at(STAY, name, how, flags).err();
    let read = DescriptorFlags::READ;
    check!(
        TYPES,
        "[method]descriptor.open-at",
        opened("file", OpenFlags::empty(), read).is_none()
    );
    check!(
        TYPES,
        "[method]descriptor.open-at",
        opened("none", OpenFlags::empty(), read) == Some(ErrorCode::NoEntry)
    );
    let twice = OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
    check!(
        TYPES,
        "[method]descriptor.open-at",
        opened("file", twice, DescriptorFlags::WRITE) == Some(ErrorCode::Exist)
    );
    let not = opened("file", OpenFlags::DIRECTORY, read);
    check!(
        TYPES,
        "[method]descriptor.open-at",
        not == Some(ErrorCode::NotDirectory)
    );
    let not = opened("dir", OpenFlags::empty(), DescriptorFlags::WRITE);
    check!(TYPES, "[method]descriptor.open-at", not == Some(ErrorCode::IsDirectory));
    check!(
        TYPES,
        "[method]descriptor.open-at",
        opened("", OpenFlags::empty(), read) == Some(ErrorCode::NoEntry)
    );
    for name in ["..", "../..", "/", "/etc/passwd", "dir/../../file"] {
        check!(
            TYPES,
            "[method]descriptor.open-at",
            opened(name, OpenFlags::empty(), read) == Some(ErrorCode::NotPermitted)
        );
    }
    check!(
        TYPES,
        "[method]descriptor.open-at",
        opened("truncated", OpenFlags::CREATE, DescriptorFlags::WRITE).is_none()
    );
    check!(
        TYPES,
        "[method]descriptor.open-at",
        opened("truncated", OpenFlags::TRUNCATE, DescriptorFlags::WRITE).is_none()
    );
}

fn attributes(paths: &Descriptor) {
    let kind = |how, name| paths.stat_at(how, name).map(|s| (s.type_, s.size)).ok();
    check!(
        TYPES,
        "[method]descriptor.stat-at",
        kind(STAY, "soft") == Some((DescriptorType::SymbolicLink, 4))
    );
    check!(
        TYPES,
        "[method]descriptor.stat-at",
        kind(FOLLOW, "soft") == Some((DescriptorType::RegularFile, 10))
    );
    check!(
        TYPES,
        "[method]descriptor.stat-at",
        paths.stat_at(STAY, "none").err() == Some(ErrorCode::NoEntry)
    );
    check!(
        TYPES,
        "[method]descriptor.stat-at",
        paths.stat_at(STAY, "file/x").err() == Some(ErrorCode::NotDirectory)
    );
    check!(
        TYPES,
        "[method]descriptor.stat-at",
        paths.stat_at(STAY, "..").err() == Some(ErrorCode::NotPermitted)
    );
    let at = NewTimestamp::Timestamp(Datetime {
        seconds: 3000,
        nanoseconds: 0,
    });
    let set = paths.set_times_at(FOLLOW, "soft", NewTimestamp::NoChange, at);
    let changed = paths.stat_at(STAY, "file").unwrap().data_modification_timestamp;
    check!(
        TYPES,
        "[method]descriptor.set-times-at",
        set == Ok(()) && changed.is_some_and(|t| t.seconds == 3000)
    );
    let set = paths.set_times_at(STAY, "none", NewTimestamp::Now, NewTimestamp::Now);
    check!(TYPES, "[method]descriptor.set-times-at", set == Err(ErrorCode::NoEntry));
    let hash = |how, name| paths.metadata_hash_at(how, name).map(|h| (h.lower, h.upper)).ok();
    check!(
        TYPES,
        "[method]descriptor.metadata-hash-at",
        hash(STAY, "file") == hash(FOLLOW, "soft")
    );
    check!(
        TYPES,
        "[method]descriptor.metadata-hash-at",
        hash(STAY, "file") != hash(STAY, "soft")
    );
    check!(
        TYPES,
        "[method]descriptor.metadata-hash-at",
        hash(STAY, "none").is_none()
    );
}

fn names(paths: &Descriptor) {
    check!(
        TYPES,
        "[method]descriptor.rename-at",
        paths.rename_at("hard", paths, "dir/moved") == Ok(())
    );
    check!(
        TYPES,
        "[method]descriptor.rename-at",
        paths.stat_at(STAY, "dir/moved").is_ok()
    );
    check!(
        TYPES,
        "[method]descriptor.rename-at",
        paths.rename_at("hard", paths, "x") == Err(ErrorCode::NoEntry)
    );
    check!(
        TYPES,
        "[method]descriptor.rename-at",
        paths.rename_at("file", paths, "dir") == Err(ErrorCode::IsDirectory)
    );
    check!(
        TYPES,
        "[method]descriptor.rename-at",
        paths.rename_at("dir", paths, "file") == Err(ErrorCode::NotDirectory)
    );
    check!(
        TYPES,
        "[method]descriptor.rename-at",
        paths.rename_at("dir", paths, "dir/dir") == Err(ErrorCode::Invalid)
    );
    let outside = paths.rename_at("file", paths, "../file");
    check!(
        TYPES,
        "[method]descriptor.rename-at",
        outside == Err(ErrorCode::NotPermitted)
    );
}

fn removals(paths: &Descriptor) {
    let removed = paths.remove_directory_at("dir");
    check!(
        TYPES,
        "[method]descriptor.remove-directory-at",
        removed == Err(ErrorCode::NotEmpty)
    );
    // "Return `error-code::is-directory` if the path refers to a directory."
    check!(
        TYPES,
        "[method]descriptor.unlink-file-at",
        paths.unlink_file_at("dir") == Err(ErrorCode::IsDirectory)
    );
    check!(
        TYPES,
        "[method]descriptor.unlink-file-at",
        paths.unlink_file_at("dir/moved") == Ok(())
    );
    check!(
        TYPES,
        "[method]descriptor.unlink-file-at",
        paths.unlink_file_at("dir/moved") == Err(ErrorCode::NoEntry)
    );
    let outside = paths.unlink_file_at("../file");
    check!(
        TYPES,
        "[method]descriptor.unlink-file-at",
        outside == Err(ErrorCode::NotPermitted)
    );
    check!(
        TYPES,
        "[method]descriptor.remove-directory-at",
        paths.remove_directory_at("dir") == Ok(())
    );
    let removed = paths.remove_directory_at("dir");
    check!(
        TYPES,
        "[method]descriptor.remove-directory-at",
        removed == Err(ErrorCode::NoEntry)
    );
    let removed = paths.remove_directory_at("file");
    check!(
        TYPES,
        "[method]descriptor.remove-directory-at",
        removed == Err(ErrorCode::NotDirectory)
    );
}
