//! What each function answers to a socket.

use crate::yard::errno::*;
use crate::yard::{ADDRESS, BYTES, LIST, RESULT, SIZE, Steps, TEXT, Yard};
use std::io::{Read, Write};
use std::net::Shutdown;

const STREAM: u32 = 6;
const DIRECTORY: u32 = 3;
const NONBLOCK: u32 = 4;

#[tokio::test]
async fn sockets_come_first_and_the_scan_for_directories_goes_past_them() {
    let Some(yard) = Yard::open().await else { return };
    std::fs::write(yard.serve.scratch.path("root/file"), "in the root").unwrap();
    // As libraries look for preopens: 3 and 4 are there and of no known kind, 5 is the directory, 6 is nothing.
    let preopen = |steps: Steps, fd: u32, kind: u32, length: u32| {
        steps
            .put("i32.store", RESULT, "-1")
            .call("fd_prestat_get", &format!("{fd} {RESULT}"), 0)
            .finds("i32.load8_u", RESULT, kind)
            .finds("i32.load", RESULT + 4, length)
            .call("fd_prestat_dir_name", &format!("{fd} {BYTES} {length}"), 0)
            .call("fd_fdstat_get", &format!("{fd} {RESULT}"), 0)
            .finds("i32.load8_u", RESULT, if kind == 0 { DIRECTORY } else { STREAM })
            .call("fd_filestat_get", &format!("{fd} {}", BYTES + 64), 0)
            .finds("i32.load8_u", BYTES + 80, if kind == 0 { DIRECTORY } else { STREAM })
    };
    let steps = preopen(Steps::default(), 3, 1, 0);
    let steps = preopen(steps, 4, 1, 0).call("fd_prestat_dir_name", &format!("4 {BYTES} 1"), NOTDIR);
    let steps = preopen(steps, 5, 0, 1)
        .finds("i32.load8_u", BYTES, u32::from(b'/'))
        .call("fd_prestat_get", &format!("6 {RESULT}"), BADF)
        .call("fd_prestat_dir_name", &format!("6 {BYTES} 0"), BADF);
    // Files are opened below the directory, with the numbers behind it.
    let steps = steps
        .call("path_open", &format!("5 0 {TEXT} 4 0 2 2 0 {RESULT}"), 0)
        .finds("i32.load", RESULT, 6)
        .hear("6", 11, b'i');
    yard.pass(&yard.request(steps.module("file"), &["127.0.0.1:7001", ADDRESS]))
        .await;
}

#[tokio::test]
async fn a_connection_is_read_written_shut_down_and_closed() {
    let Some(yard) = Yard::open().await else { return };
    let steps = Steps::default()
        .accept(3, "$a")
        .say("$a", 0, 5)
        .hear("$a", 4, b'p')
        .say("$a", 5, 1)
        // A peek leaves the bytes; of two buffers a read fills the first.
        .buffers(&[(BYTES, 0), (BYTES, 2), (BYTES + 2, 2)])
        .call("sock_recv", &format!("$a {LIST} 3 1 {SIZE} {RESULT}"), 0)
        .finds("i32.load", SIZE, 2)
        .finds("i32.load16_u", RESULT, 0)
        .call("sock_recv", &format!("$a {LIST} 3 0 {SIZE} {RESULT}"), 0)
        .finds("i32.load", SIZE, 2)
        .finds("i32.load16_u", BYTES, u16::from_le_bytes(*b"ab").into())
        .say("$a", 5, 1)
        // All of it, of both buffers, though it comes in parts; and at the end what there was.
        .buffers(&[(BYTES, 2), (BYTES + 2, 4)])
        .call("sock_recv", &format!("$a {LIST} 2 2 {SIZE} {RESULT}"), 0)
        .finds("i32.load", SIZE, 6)
        .finds("i32.load", BYTES + 2, u32::from_le_bytes(*b"efgh"))
        .call("sock_recv", &format!("$a {LIST} 2 2 {SIZE} {RESULT}"), 0)
        .finds("i32.load", SIZE, 1)
        // The end is no error, and the other direction goes on. Sending takes all buffers.
        .call("fd_read", &format!("$a {LIST} 2 {SIZE}"), 0)
        .finds("i32.load", SIZE, 0)
        .buffers(&[(TEXT, 5), (TEXT, 0), (TEXT + 5, 1)])
        .call("sock_send", &format!("$a {LIST} 3 0 {SIZE}"), 0)
        .finds("i32.load", SIZE, 6)
        .call("sock_shutdown", "$a 2", 0)
        .call("fd_write", &format!("$a {LIST} 3 {SIZE}"), PIPE)
        .call("fd_close", "$a", 0)
        .call("fd_close", "$a", BADF)
        .call("fd_read", &format!("$a {LIST} 2 {SIZE}"), BADF);
    let request = yard.request(steps.module("hello!"), &[ADDRESS]);
    yard.serve.create(&request).await.unwrap();
    let mut client = yard.connect();
    yard.serve.start_guest(&request.id).await.unwrap();
    let mut five = [0; 5];
    client.read_exact(&mut five).unwrap();
    assert_eq!(&five, b"hello");
    // The guest has read a message when it answers.
    let mut one = [0];
    client.write_all(b"ping").unwrap();
    client.read_exact(&mut one).unwrap();
    client.write_all(b"abcd").unwrap();
    client.read_exact(&mut one).unwrap();
    client.write_all(b"efgh").unwrap();
    client.write_all(b"i").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut rest = String::new();
    client.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "hello!");
    yard.passed().await;
}

#[tokio::test]
async fn a_socket_that_shall_not_wait_answers_again() {
    let Some(yard) = Yard::open().await else { return };
    let list = format!("{LIST} 1 {SIZE}");
    let write = format!("(call $fd_write (global.get $a) (i32.const {LIST}) (i32.const 1) (i32.const {SIZE}))");
    let steps = Steps::default()
        .call("fd_fdstat_set_flags", &format!("3 {NONBLOCK}"), 0)
        .call("fd_fdstat_get", &format!("3 {RESULT}"), 0)
        .finds("i32.load16_u", RESULT + 2, NONBLOCK)
        .call("fd_fdstat_set_flags", "3 1", INVAL)
        .call("sock_accept", &format!("3 0 {RESULT}"), 0)
        .keep("$a")
        .call("sock_accept", &format!("3 0 {RESULT}"), AGAIN)
        .call("fd_fdstat_get", &format!("$a {RESULT}"), 0)
        .finds("i32.load16_u", RESULT + 2, 0)
        .call("fd_fdstat_set_flags", &format!("$a {NONBLOCK}"), 0)
        .buffers(&[(BYTES, 8)])
        .call("fd_read", &format!("$a {list}"), AGAIN)
        .call("sock_recv", &format!("$a {LIST} 1 2 {SIZE} {RESULT}"), AGAIN)
        // Nobody reads: it takes what there is room for, and then nothing.
        .buffers(&[(0, 65536)])
        .call("fd_write", &format!("$a {list}"), 0)
        .text(&format!("(loop $more (br_if $more (i32.eqz {})))", write))
        .call("fd_write", &format!("$a {list}"), AGAIN);
    let request = yard.request(steps.module(""), &[ADDRESS]);
    yard.pass_with_a_client(&request).await;
}

#[tokio::test]
async fn a_flag_of_accept_is_the_connections_own() {
    let Some(yard) = Yard::open().await else { return };
    let steps = Steps::default()
        .call("sock_accept", &format!("3 1 {RESULT}"), INVAL)
        .call("sock_accept", &format!("3 {NONBLOCK} {RESULT}"), 0)
        .keep("$a")
        .buffers(&[(BYTES, 8)])
        .call("fd_read", &format!("$a {LIST} 1 {SIZE}"), AGAIN)
        .call("fd_fdstat_get", &format!("3 {RESULT}"), 0)
        .finds("i32.load16_u", RESULT + 2, 0);
    let request = yard.request(steps.module(""), &[ADDRESS]);
    yard.pass_with_a_client(&request).await;
}

#[tokio::test]
async fn misuse_has_its_error() {
    let Some(yard) = Yard::open().await else { return };
    std::fs::write(yard.serve.scratch.path("root/f"), "").unwrap();
    let list = format!("{LIST} 1 {SIZE}");
    let steps = Steps::default().buffers(&[(BYTES, 8)]);
    // What is no socket, and what is nothing.
    let steps = [(0, NOTSOCK), (4, NOTSOCK), (99, BADF), (65536, BADF)]
        .into_iter()
        .fold(steps, |steps, (fd, error)| {
            steps
                .call("sock_accept", &format!("{fd} 0 {RESULT}"), error)
                .call("sock_recv", &format!("{fd} {LIST} 1 0 {SIZE} {RESULT}"), error)
                .call("sock_send", &format!("{fd} {LIST} 1 0 {SIZE}"), error)
                .call("sock_shutdown", &format!("{fd} 1"), error)
        });
    let steps = steps
        .accept(3, "$a")
        // A listener has no peer.
        .call("fd_read", &format!("3 {list}"), NOTCONN)
        .call("sock_recv", &format!("3 {LIST} 1 0 {SIZE} {RESULT}"), NOTCONN)
        .call("fd_write", &format!("3 {list}"), NOTCAPABLE)
        .call("sock_send", &format!("3 {LIST} 1 0 {SIZE}"), NOTCAPABLE)
        .call("sock_shutdown", "3 1", NOTCAPABLE)
        // A connection does not listen.
        .call("sock_accept", &format!("$a 0 {RESULT}"), INVAL)
        // Flags that there are not, or not together.
        .call("sock_recv", &format!("$a {LIST} 1 4 {SIZE} {RESULT}"), INVAL)
        .call("sock_recv", &format!("$a {LIST} 1 3 {SIZE} {RESULT}"), NOTSUP)
        .call("sock_send", &format!("$a {LIST} 1 1 {SIZE}"), INVAL)
        .call("sock_shutdown", "$a 0", INVAL)
        // More than a call may name.
        .call("fd_read", &format!("$a {LIST} 1025 {SIZE}"), INVAL)
        .buffers(&[(BYTES, 0x4000_0000), (BYTES, 0x4000_0000)])
        .call("fd_write", &format!("$a {LIST} 2 {SIZE}"), INVAL);
    let request = yard.request(steps.module(""), &[ADDRESS]);
    yard.pass_with_a_client(&request).await;
}

#[tokio::test]
async fn what_is_about_files_sockets_refuse() {
    let Some(yard) = Yard::open().await else { return };
    let path = format!("{TEXT} 1");
    let refusals = |steps: Steps, fd: &str| {
        steps
            .call("fd_advise", &format!("{fd} 0 0 0"), SPIPE)
            .call("fd_allocate", &format!("{fd} 0 1"), NODEV)
            .call("fd_datasync", fd, INVAL)
            .call("fd_fdstat_set_rights", &format!("{fd} 0 0"), NOTSUP)
            .call("fd_filestat_set_size", &format!("{fd} 0"), INVAL)
            .call("fd_filestat_set_times", &format!("{fd} 0 0 0"), NOTSUP)
            .call("fd_pread", &format!("{fd} {LIST} 0 0 {SIZE}"), SPIPE)
            .call("fd_pwrite", &format!("{fd} {LIST} 0 0 {SIZE}"), SPIPE)
            .call("fd_readdir", &format!("{fd} {BYTES} 100 0 {SIZE}"), NOTDIR)
            .call("fd_seek", &format!("{fd} 0 0 {RESULT}"), SPIPE)
            .call("fd_sync", fd, INVAL)
            .call("fd_tell", &format!("{fd} {RESULT}"), SPIPE)
            .call("path_create_directory", &format!("{fd} {path}"), NOTDIR)
            .call("path_filestat_get", &format!("{fd} 0 {path} {BYTES}"), NOTDIR)
            .call("path_filestat_set_times", &format!("{fd} 0 {path} 0 0 0"), NOTDIR)
            .call("path_link", &format!("{fd} 0 {path} 4 {path}"), NOTDIR)
            .call("path_link", &format!("4 0 {path} {fd} {path}"), NOTDIR)
            .call("path_open", &format!("{fd} 0 {path} 0 2 2 0 {BYTES}"), NOTDIR)
            .call("path_readlink", &format!("{fd} {path} {BYTES} 9 {SIZE}"), NOTDIR)
            .call("path_remove_directory", &format!("{fd} {path}"), NOTDIR)
            .call("path_rename", &format!("{fd} {path} 4 {path}"), NOTDIR)
            .call("path_rename", &format!("4 {path} {fd} {path}"), NOTDIR)
            .call("path_symlink", &format!("{path} {fd} {path}"), NOTDIR)
            .call("path_unlink_file", &format!("{fd} {path}"), NOTDIR)
    };
    let steps = refusals(Steps::default(), "3");
    let request = yard.request(steps.module("f"), &[ADDRESS]);
    std::fs::write(yard.serve.scratch.path("root/f"), "").unwrap();
    yard.pass(&request).await;
    let steps = refusals(Steps::default().accept(3, "$a"), "$a");
    let request = yard.request(steps.module("f"), &[ADDRESS]);
    yard.pass_with_a_client(&request).await;
}

#[tokio::test]
async fn numbers_move_between_sockets_and_files() {
    let Some(yard) = Yard::open().await else { return };
    std::fs::write(yard.serve.scratch.path("root/f"), "file").unwrap();
    let stat = |steps: Steps, fd: &str, kind: u32| {
        steps
            .call("fd_fdstat_get", &format!("{fd} {RESULT}"), 0)
            .finds("i32.load8_u", RESULT, kind)
    };
    let open = format!("5 0 {TEXT} 1 0 2 2 0 {RESULT}");
    let steps = Steps::default()
        .call("path_open", &open, 0)
        .finds("i32.load", RESULT, 6)
        .accept(3, "$a")
        .call("fd_renumber", "3 99", BADF)
        .call("fd_renumber", "99 3", BADF)
        .call("fd_renumber", "3 3", 0)
        // A file cannot have the number of a connection, all else goes: a connection becomes 4, whose listener ends,
        .call("fd_renumber", "6 $a", NOTSUP)
        .call("fd_renumber", "$a 4", 0)
        .call("fd_read", &format!("$a {LIST} 1 {SIZE}"), BADF)
        .hear("4", 1, b'x')
        // and then the file's number, and the file's is free again when it is closed,
        .call("fd_renumber", "4 6", 0)
        .call("fd_read", &format!("4 {LIST} 1 {SIZE}"), BADF)
        .hear("6", 1, b'y');
    let steps = stat(steps, "6", STREAM)
        .call("fd_close", "6", 0)
        .call("fd_read", &format!("6 {LIST} 1 {SIZE}"), BADF)
        .call("path_open", &open, 0)
        .finds("i32.load", RESULT, 6)
        .hear("6", 4, b'f');
    // and a listener takes the place of standard input, a file that of the listener.
    let steps = stat(steps.call("fd_renumber", "3 0", 0), "0", STREAM)
        .call("fd_fdstat_get", &format!("3 {RESULT}"), BADF)
        .accept(0, "$b")
        .hear("$b", 1, b'z')
        .call("fd_renumber", "6 0", 0)
        .call("sock_accept", &format!("0 0 {RESULT}"), NOTSOCK)
        .call("fd_seek", &format!("0 0 0 {RESULT}"), 0)
        .hear("0", 4, b'f')
        .say("$b", 0, 1);
    let request = yard.request(steps.module("f"), &[ADDRESS, "127.0.0.1:7001"]);
    yard.serve.create(&request).await.unwrap();
    let (mut first, mut second) = (yard.connect(), yard.connect());
    first.write_all(b"x").unwrap();
    yard.serve.start_guest(&request.id).await.unwrap();
    crate::common::until("the second listener is gone", || {
        yard.try_connect("127.0.0.1:7001").is_err()
    })
    .await;
    first.write_all(b"y").unwrap();
    second.write_all(b"z").unwrap();
    yard.passed().await;
}

#[tokio::test]
async fn a_closed_listener_is_closed_and_its_number_the_next_files() {
    let Some(yard) = Yard::open().await else { return };
    std::fs::write(yard.serve.scratch.path("root/f"), "file").unwrap();
    let steps = Steps::default()
        .call("fd_close", "3", 0)
        .call("fd_close", "3", BADF)
        .call("path_open", &format!("5 0 {TEXT} 1 0 2 2 0 {RESULT}"), 0)
        .finds("i32.load", RESULT, 3)
        .hear("3", 4, b'f')
        .accept(4, "$a")
        .finds("i32.load", RESULT, 65536);
    let request = yard.request(steps.module("f"), &["127.0.0.1:7001", ADDRESS]);
    yard.serve.create(&request).await.unwrap();
    assert!(yard.try_connect("127.0.0.1:7001").is_ok());
    yard.serve.start_guest(&request.id).await.unwrap();
    crate::common::until("the first listener is gone", || {
        yard.try_connect("127.0.0.1:7001").is_err()
    })
    .await;
    let _client = yard.connect();
    yard.passed().await;
}
