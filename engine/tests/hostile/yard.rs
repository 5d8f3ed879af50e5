//! Where hostile guests run: an engine with a canary in it.

use crate::common::{Serve, display, drain, guest, open_nonblocking, until};
use krustlet_engine::proto::engine::{CreateRequest, NextExitResponse};
use std::fs;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, MutexGuard};

/// Writes a byte every 5 ms.
const SONG: &str = "(loop
    (i64.store (i32.const 24) (i64.const 5000000))
    (drop (call $poll_oneoff (i32.const 0) (i32.const 104) (i32.const 1) (i32.const 200)))
    (call $put (i32.const 1) (i32.const 0) (i32.const 1)) (br 0))";
/// Beats of the canary that tell that it is well.
const BEATS: usize = 10;
/// How long kills may take, two hundred at once, on a machine with other work: a guest that cannot be killed is what
/// this finds, not a slow one.
const KILL: Duration = Duration::from_secs(10);

/// One yard at a time: two hundred guests of one test would leave the canary of another little to sing with.
static TURN: Mutex<()> = Mutex::const_new(());

pub struct Yard {
    pub serve: Serve,
    _turn: MutexGuard<'static, ()>,
    canary: String,
    song: fs::File,
    threads: usize,
    descriptors: usize,
}

impl Yard {
    pub async fn open() -> Self {
        let turn = TURN.lock().await;
        let serve = Serve::start().await;
        let fifo = serve.scratch.fifo("song");
        let mut request = serve.request(guest("", SONG));
        request.stdio.mut_or_insert_default().stdout = display(&fifo);
        let mut song = open_nonblocking(&fifo);
        serve.launch(&request).await;
        until("the canary sings", || drain(&mut song) > 0).await;
        let engine = serve.child.id();
        Self {
            threads: threads(engine),
            descriptors: descriptors(engine),
            canary: request.id,
            song,
            serve,
            _turn: turn,
        }
    }

    /// The canary sings on, now.
    pub async fn sings(&mut self) {
        let mut beats = 0;
        drain(&mut self.song);
        until("the canary sings on", || {
            beats += drain(&mut self.song);
            beats >= BEATS
        })
        .await;
    }

    /// Kills a guest, which must not take long.
    pub async fn kill(&self, id: &str) -> NextExitResponse {
        let begin = Instant::now();
        let exit = self.serve.end(id, 9).await;
        assert!(begin.elapsed() < KILL, "{id} ended after {:?}", begin.elapsed());
        exit
    }

    /// Runs the guest until it ends by itself and forgets it.
    pub async fn finish(&self, request: &CreateRequest) -> NextExitResponse {
        self.serve.finish(request).await
    }

    /// Starts `count` equal guests, has the canary sing beside them, and kills those that still run.
    pub async fn crowd(&mut self, request: &CreateRequest, count: usize) -> Vec<NextExitResponse> {
        let mut request = request.clone();
        let name = request.id.clone();
        for n in 0..count {
            request.id = format!("{name}.{n}");
            self.serve.launch(&request).await;
        }
        self.sings().await;
        let begin = Instant::now();
        for n in 0..count {
            // An error is one that has ended by itself.
            let _ = self.serve.signal(&format!("{name}.{n}"), 9).await;
        }
        let mut exits = Vec::new();
        for _ in 0..count {
            let exit = self.serve.next_exit().await;
            self.serve.delete(&exit.id).await.unwrap();
            exits.push(exit);
        }
        assert!(begin.elapsed() < KILL, "{name} ended after {:?}", begin.elapsed());
        exits
    }

    /// Everything is as before: the canary sings, and no thread and no descriptor is left of anybody else.
    pub async fn close(mut self) {
        self.sings().await;
        let engine = self.serve.child.id();
        until("no threads are left", || threads(engine) <= self.threads).await;
        until("no descriptors are left", || descriptors(engine) <= self.descriptors).await;
        assert_eq!(self.kill(&self.canary).await.exit_status, 137);
    }
}

fn threads(engine: u32) -> usize {
    fs::read_dir(format!("/proc/{engine}/task")).unwrap().count()
}

/// Open descriptors, but for those of loaded modules: a number of these stays for the next guest.
fn descriptors(engine: u32) -> usize {
    let all = fs::read_dir(format!("/proc/{engine}/fd")).unwrap();
    let files = all.filter_map(|fd| fs::read_link(fd.unwrap().path()).ok());
    files.filter(|f| !f.to_string_lossy().contains(".cwasm")).count()
}
