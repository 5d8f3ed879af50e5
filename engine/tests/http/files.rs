//! Services that wait for files: what one request waits for is that request's affair.

use crate::common::{mkfifo, until};
use crate::service::Service;
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Answers with the file that the request names; `/` needs none.
const READER: &[u8] = include_bytes!("../guests/reader/reader.wasm");
/// What a prober waits for an answer.
const PROBE: Duration = Duration::from_secs(1);

/// A service of so many threads, whose root has a fifo that nobody writes to.
async fn reader(workers: u32, timeout: Duration) -> Option<(Service, PathBuf)> {
    let mut policy = wire::Policy::new();
    let http = policy.http.mut_or_insert_default();
    http.workers = workers;
    http.request_timeout_ms = timeout.as_millis() as u64;
    let service = Service::held_to(policy, READER, &[]).await?;
    let root = service.serve.scratch.path("root");
    fs::write(root.join("file"), "of a file\n").unwrap();
    fs::create_dir(root.join("directory")).unwrap();
    for name in ["a", "b"] {
        fs::write(root.join("directory").join(name), "").unwrap();
    }
    let fifo = root.join("fifo");
    mkfifo(&fifo);
    assert!(service.ask("/").contains("here\n"));
    Some((service, fifo))
}

/// Sends a request and leaves its answer for later.
fn begin(service: &Service, path: &str) -> TcpStream {
    let mut stream = service.connect();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").unwrap();
    stream
}

fn rest(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Every thread of the engine that has a helper's name or a guest's, by what the kernel has it wait in.
async fn until_waiting(service: &Service, threads: usize) {
    let tasks = PathBuf::from(format!("/proc/{}/task", service.serve.child.id()));
    let waits = |task: &fs::DirEntry| {
        fs::read_to_string(task.path().join("wchan")).is_ok_and(|place| place.contains("wait_for_partner"))
            || fs::read_to_string(task.path().join("stack")).is_ok_and(|stack| stack.contains("fifo_open"))
    };
    until("the requests wait for the fifo", || {
        let waiting = fs::read_dir(&tasks).unwrap().flatten().filter(waits).count();
        waiting >= threads
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_answered_meanwhile_and_it_is_when_the_file_comes() {
    for workers in [1, 4] {
        let Some((service, fifo)) = reader(workers, Duration::from_secs(60)).await else {
            return;
        };
        let stuck: Vec<_> = (0..8).map(|_| begin(&service, "/fifo")).collect();
        until_waiting(&service, 8).await;
        for (path, content) in [("/", "here\n"), ("/file", "of a file\n"), ("/directory/", "a\nb\n")] {
            for _ in 0..8 {
                let begin = Instant::now();
                assert!(service.ask(path).contains(content), "{path}");
                assert!(begin.elapsed() < PROBE, "{path}: {:?}", begin.elapsed());
            }
        }
        // Whoever opens it lets them all go on. What they read is another matter: WASI 0.2 reads at offsets.
        let writer = fs::OpenOptions::new().write(true).open(&fifo).unwrap();
        for answer in stuck.into_iter().map(rest) {
            assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
        }
        drop(writer);
        assert_eq!(service.serve.end(&service.request.id, 15).await.exit_status, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_its_time_it_is_given_up_and_its_thread_comes_back() {
    let Some((service, _fifo)) = reader(1, Duration::from_millis(300)).await else {
        return;
    };
    for _ in 0..3 {
        let stuck: Vec<_> = (0..20).map(|_| begin(&service, "/fifo")).collect();
        for answer in stuck.into_iter().map(rest) {
            assert!(answer.starts_with("HTTP/1.1 504"), "{answer}");
        }
    }
    assert!(service.log().contains("GET /fifo: no response within 0.3 s"));
    assert!(service.ask("/file").contains("of a file\n"));
    // None is left in the kernel but those that have just been woken, and idle ones leave by and by.
    let tasks = format!("/proc/{}/task", service.serve.child.id());
    until("the helpers leave", || fs::read_dir(&tasks).unwrap().count() < 15).await;
    assert_eq!(service.serve.end(&service.request.id, 15).await.exit_status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_end_it_in_time() {
    let tasks = |service: &Service| {
        fs::read_dir(format!("/proc/{}/task", service.serve.child.id()))
            .unwrap()
            .count()
    };
    for (signal, timeout, status, word) in [
        (15, Duration::from_millis(500), 0, "HTTP/1.1 504"),
        (9, Duration::from_secs(60), 137, ""),
    ] {
        let Some((service, _fifo)) = reader(4, timeout).await else {
            return;
        };
        let stuck: Vec<_> = (0..4).map(|_| begin(&service, "/fifo")).collect();
        until_waiting(&service, 4).await;
        let before = Instant::now();
        assert_eq!(service.serve.end(&service.request.id, signal).await.exit_status, status);
        assert!(before.elapsed() < Duration::from_secs(2), "{:?}", before.elapsed());
        for mut stream in stuck {
            let mut answer = String::new();
            // A guest that was killed leaves its connections as they are.
            let _ = stream.read_to_string(&mut answer);
            assert!(answer.starts_with(word), "{answer}");
        }
        service.serve.delete(&service.request.id).await.unwrap();
        // The engine's own are left.
        until("no thread is left behind", || tasks(&service) < 8).await;
    }
}
