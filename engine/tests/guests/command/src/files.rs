//! `wasi:filesystem/types`: what an open file can do.

use crate::check::Interface;
use crate::directories::{create, open, root};
use wasip2::clocks::wall_clock::Datetime;
use wasip2::filesystem::types::{
    Advice, Descriptor, DescriptorFlags, DescriptorType, ErrorCode, NewTimestamp, OpenFlags,
};

const TYPES: Interface = Interface("wasi:filesystem/types");

pub fn checks() {
    let root = root();
    let file = create(&root, "file");
    data(&file);
    streams(&file);
    attributes(&file);
    times(&file);
    let reader = open(&root, "file", OpenFlags::empty()).unwrap();
    access(&reader);
    identity(&root, &file, &reader);
}

fn data(file: &Descriptor) {
    check!(
        TYPES,
        "[method]descriptor.write",
        file.write(b"0123456789", 0) == Ok(10)
    );
    check!(
        TYPES,
        "[method]descriptor.read",
        file.read(4, 3) == Ok((b"3456".to_vec(), false))
    );
    // "the end of the file was reached" may be said with the last bytes or after them.
    check!(
        TYPES,
        "[method]descriptor.read",
        file.read(100, 8).is_ok_and(|(bytes, _)| bytes == b"89")
    );
    check!(
        TYPES,
        "[method]descriptor.read",
        file.read(100, 10) == Ok((Vec::new(), true))
    );
    check!(TYPES, "[method]descriptor.set-size", file.set_size(3) == Ok(()));
    check!(TYPES, "[method]descriptor.set-size", file.set_size(5) == Ok(()));
    check!(
        TYPES,
        "[method]descriptor.set-size",
        file.read(100, 0).is_ok_and(|(bytes, _)| bytes == b"012\0\0")
    );
    check!(
        TYPES,
        "[method]descriptor.set-size",
        file.set_size(u64::MAX) == Err(ErrorCode::Invalid)
    );
    check!(TYPES, "[method]descriptor.sync", file.sync() == Ok(()));
    check!(TYPES, "[method]descriptor.sync-data", file.sync_data() == Ok(()));
    for advice in [
        Advice::Normal,
        Advice::Sequential,
        Advice::Random,
        Advice::WillNeed,
        Advice::DontNeed,
        Advice::NoReuse,
    ] {
        check!(TYPES, "[method]descriptor.advise", file.advise(0, 5, advice) == Ok(()));
    }
}

fn streams(file: &Descriptor) {
    let stream = file.write_via_stream(3).unwrap();
    check!(
        TYPES,
        "[method]descriptor.write-via-stream",
        stream.blocking_write_and_flush(b"ab").is_ok()
    );
    let stream = file.append_via_stream().unwrap();
    check!(
        TYPES,
        "[method]descriptor.append-via-stream",
        stream.blocking_write_and_flush(b"cd").is_ok()
    );
    let stream = file.read_via_stream(1).unwrap();
    check!(
        TYPES,
        "[method]descriptor.read-via-stream",
        stream.blocking_read(100).is_ok_and(|b| b == b"12abcd")
    );
}

fn attributes(file: &Descriptor) {
    let both = DescriptorFlags::READ | DescriptorFlags::WRITE;
    check!(TYPES, "[method]descriptor.get-flags", file.get_flags() == Ok(both));
    check!(
        TYPES,
        "[method]descriptor.get-type",
        file.get_type() == Ok(DescriptorType::RegularFile)
    );
    let stat = file.stat().unwrap();
    check!(
        TYPES,
        "[method]descriptor.stat",
        stat.type_ == DescriptorType::RegularFile
    );
    check!(TYPES, "[method]descriptor.stat", (stat.size, stat.link_count) == (7, 1));
    check!(
        TYPES,
        "[method]descriptor.stat",
        stat.data_modification_timestamp.is_some_and(|t| t.seconds > 0)
    );
}

fn times(file: &Descriptor) {
    let at = |seconds| {
        NewTimestamp::Timestamp(Datetime {
            seconds,
            nanoseconds: 5,
        })
    };
    let seconds = || {
        let stat = file.stat().unwrap();
        let access = stat.data_access_timestamp.unwrap();
        (
            access.seconds,
            access.nanoseconds,
            stat.data_modification_timestamp.unwrap().seconds,
        )
    };
    check!(
        TYPES,
        "[method]descriptor.set-times",
        file.set_times(at(1000), at(2000)) == Ok(())
    );
    check!(TYPES, "[method]descriptor.set-times", seconds() == (1000, 5, 2000));
    check!(
        TYPES,
        "[method]descriptor.set-times",
        file.set_times(NewTimestamp::NoChange, NewTimestamp::Now) == Ok(())
    );
    check!(
        TYPES,
        "[method]descriptor.set-times",
        seconds().0 == 1000 && seconds().2 > 1_577_836_800
    );
}

/// What was opened to be read cannot be written, which a stream may say only when something is written to it.
fn access(reader: &Descriptor) {
    let bad = Some(ErrorCode::BadDescriptor);
    check!(
        TYPES,
        "[method]descriptor.get-flags",
        reader.get_flags() == Ok(DescriptorFlags::READ)
    );
    check!(TYPES, "[method]descriptor.write", reader.write(b"x", 0).err() == bad);
    let failed = reader
        .write_via_stream(0)
        .map_or(true, |to| to.blocking_write_and_flush(b"x").is_err());
    check!(TYPES, "[method]descriptor.write-via-stream", failed);
    let failed = reader
        .append_via_stream()
        .map_or(true, |to| to.blocking_write_and_flush(b"x").is_err());
    check!(TYPES, "[method]descriptor.append-via-stream", failed);
}

fn identity(root: &Descriptor, file: &Descriptor, again: &Descriptor) {
    check!(TYPES, "[method]descriptor.is-same-object", file.is_same_object(again));
    check!(TYPES, "[method]descriptor.is-same-object", !file.is_same_object(root));
    let hash = |of: &Descriptor| of.metadata_hash().map(|h| (h.lower, h.upper)).unwrap();
    check!(
        TYPES,
        "[method]descriptor.metadata-hash",
        hash(file) == hash(again) && hash(file) != hash(root)
    );
}
