//! Files below the first directory that is there.

use crate::streams::{complain, print};
use wasip3::cli::stdout;
use wasip3::filesystem::preopens;
use wasip3::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags};
use wasip3::wit_stream;

async fn open(path: &str, how: OpenFlags, flags: DescriptorFlags) -> Option<Descriptor> {
    let directories = preopens::get_directories();
    let (root, _) = directories.first().expect("a directory");
    match root.open_at(PathFlags::empty(), path.to_owned(), how, flags).await {
        Ok(descriptor) => Some(descriptor),
        Err(error) => {
            complain(&format!("{path}: {error:?}\n")).await;
            None
        }
    }
}

/// A file to standard output.
pub async fn cat(path: &str) {
    let Some(file) = open(path, OpenFlags::empty(), DescriptorFlags::READ).await else {
        return;
    };
    let (content, read) = file.read_via_stream(0);
    stdout::write_via_stream(content).await.expect("standard output can be written to");
    read.await.expect("the file can be read");
}

/// A text into a file.
pub async fn put(path: &str, text: &str) {
    let Some(file) = open(path, OpenFlags::CREATE, DescriptorFlags::WRITE).await else {
        return;
    };
    let (mut sender, receiver) = wit_stream::new();
    let written = file.write_via_stream(receiver, 0);
    sender.write_all(text.as_bytes().to_vec()).await;
    drop(sender);
    written.await.expect("the file can be written to");
}

/// The names in a directory.
pub async fn list(path: &str) {
    let Some(directory) = open(path, OpenFlags::DIRECTORY, DescriptorFlags::READ).await else {
        return;
    };
    let (entries, read) = directory.read_directory();
    let mut names: Vec<String> = entries.collect().await.into_iter().map(|e| e.name).collect();
    read.await.expect("the directory can be read");
    names.sort();
    print(&(names.join(" ") + "\n")).await;
}
