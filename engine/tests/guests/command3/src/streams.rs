//! Standard streams, and streams between tasks.

use wasip3::cli::{stderr, stdin, stdout};
use wasip3::wit_bindgen::StreamResult;
use wasip3::wit_stream;

const CHUNK: usize = 16 << 10;

/// Writes to standard output, all of it.
pub async fn print(text: &str) {
    write(text.as_bytes().to_vec()).await;
}

async fn write(bytes: Vec<u8>) {
    let (mut sender, receiver) = wit_stream::new();
    let written = stdout::write_via_stream(receiver);
    let rest = sender.write_all(bytes).await;
    assert!(rest.is_empty(), "standard output takes no more");
    drop(sender);
    written.await.expect("standard output can be written to");
}

/// Complains.
pub async fn complain(text: &str) {
    let (mut sender, receiver) = wit_stream::new();
    let written = stderr::write_via_stream(receiver);
    sender.write_all(text.as_bytes().to_vec()).await;
    drop(sender);
    written.await.expect("standard error can be written to");
}

/// Standard input to standard output, through this guest's memory.
pub async fn copy() {
    let (mut input, read) = stdin::read_via_stream();
    let (mut sender, receiver) = wit_stream::new();
    let written = stdout::write_via_stream(receiver);
    loop {
        let (result, bytes) = input.read(Vec::with_capacity(CHUNK)).await;
        assert!(sender.write_all(bytes).await.is_empty());
        if let StreamResult::Dropped = result {
            break;
        }
    }
    drop(sender);
    written.await.expect("standard output can be written to");
    drop(input);
    read.await.expect("standard input can be read");
}

/// The same without seeing any of it.
pub async fn pass() {
    let (input, read) = stdin::read_via_stream();
    stdout::write_via_stream(input).await.expect("standard output can be written to");
    read.await.expect("standard input can be read");
}

/// So many bytes that tell where they are.
pub async fn pour(bytes: usize) {
    write((0..bytes).map(|n| n as u8).collect()).await;
}

/// Two tasks that never wait for anybody else.
pub async fn relay_for_ever() {
    let (mut sender, mut receiver) = wit_stream::new::<u8>();
    print("relaying\n").await;
    let send = async {
        loop {
            sender.write_all(vec![1; CHUNK]).await;
        }
    };
    let receive = async {
        loop {
            receiver.read(Vec::with_capacity(CHUNK)).await;
        }
    };
    futures::join!(send, receive);
}

/// Waits for itself.
pub async fn read_what_nobody_writes() {
    let (sender, mut receiver) = wit_stream::new::<u8>();
    receiver.read(Vec::with_capacity(1)).await;
    drop(sender);
}
