//! `wasi:filesystem`: where the root comes from, and what directories have in them.

use crate::check::Interface;
use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, DirectoryEntryStream, ErrorCode, OpenFlags, PathFlags,
};

const TYPES: Interface = Interface("wasi:filesystem/types");

/// The directory that stands for `/`.
pub fn root() -> Descriptor {
    let mut all = get_directories();
    let n = all.iter().position(|(_, path)| path == "/").unwrap();
    all.swap_remove(n).0
}

/// Makes a file that can be read and written.
pub fn create(directory: &Descriptor, name: &str) -> Descriptor {
    let flags = DescriptorFlags::READ | DescriptorFlags::WRITE;
    directory
        .open_at(PathFlags::empty(), name, OpenFlags::CREATE, flags)
        .unwrap()
}

/// Opens what is there.
pub fn open(directory: &Descriptor, name: &str, how: OpenFlags) -> Result<Descriptor, ErrorCode> {
    directory.open_at(PathFlags::empty(), name, how, DescriptorFlags::READ)
}

pub fn checks() {
    let preopens = Interface("wasi:filesystem/preopens");
    let paths: Vec<_> = get_directories().into_iter().map(|(_, path)| path).collect();
    check!(preopens, "get-directories", paths == ["/"]);
    let root = root();
    root.create_directory_at("list").unwrap();
    let list = open(&root, "list", OpenFlags::DIRECTORY).unwrap();
    drop(create(&list, "one"));
    list.create_directory_at("two").unwrap();
    let mut found = entries(list.read_directory().unwrap());
    found.sort();
    let expected = [("one".to_owned(), false), ("two".to_owned(), true)];
    check!(
        TYPES,
        "[method]directory-entry-stream.read-directory-entry",
        found == expected
    );
    // Each stream begins anew.
    check!(
        TYPES,
        "[method]descriptor.read-directory",
        list.read_directory().map(|s| entries(s).len()) == Ok(2)
    );
    let file = create(&list, "one");
    check!(
        TYPES,
        "[method]descriptor.read-directory",
        file.read_directory().err() == Some(ErrorCode::NotDirectory)
    );
    of_the_wrong_kind(&list);
}

/// Names, and whether they are directories. The entries `.` and `..` are omitted.
fn entries(stream: DirectoryEntryStream) -> Vec<(String, bool)> {
    let mut all = Vec::new();
    while let Some(entry) = stream.read_directory_entry().unwrap() {
        all.push((entry.name, entry.type_ == DescriptorType::Directory));
    }
    all
}

/// A directory cannot be read or written.
fn of_the_wrong_kind(directory: &Descriptor) {
    let bad = Some(ErrorCode::BadDescriptor);
    check!(
        TYPES,
        "[method]descriptor.read-via-stream",
        directory.read_via_stream(0).err() == Some(ErrorCode::IsDirectory)
    );
    check!(
        TYPES,
        "[method]descriptor.write-via-stream",
        directory.write_via_stream(0).err() == bad
    );
    check!(
        TYPES,
        "[method]descriptor.append-via-stream",
        directory.append_via_stream().err() == bad
    );
    check!(TYPES, "[method]descriptor.read", directory.read(1, 0).err() == bad);
    check!(TYPES, "[method]descriptor.write", directory.write(b"x", 0).err() == bad);
    check!(TYPES, "[method]descriptor.set-size", directory.set_size(0).err() == bad);
    check!(
        TYPES,
        "[method]descriptor.get-type",
        directory.get_type() == Ok(DescriptorType::Directory)
    );
}
