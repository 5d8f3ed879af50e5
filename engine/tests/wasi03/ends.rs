//! A command can be ended, parked and resumed whatever its tasks are doing, and cannot have more than it may.

use crate::common::{Serve, display, until};
use crate::{WASI3, command, ran};
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::path::Path;

const SIGALRM: u32 = 14;
const SIGXCPU: u32 = 24;
/// Those that never end: waiting, and busy in two ways, of which one never waits for the engine.
const ENDLESS: [&str; 3] = ["wait", "yield", "relay"];

async fn begun(out: &Path) {
    until("the guest has begun", || {
        fs::read_to_string(out).is_ok_and(|said| said.ends_with("ing\n"))
    })
    .await;
}

#[tokio::test]
async fn whatever_it_does_signals_end_it() {
    let serve = Serve::switched(WASI3).await;
    for how in ENDLESS {
        for (signal, status) in [(15, 143), (9, 137)] {
            let (request, out, _) = command(&serve, &[how]);
            serve.launch(&request).await;
            begun(&out).await;
            assert_eq!(serve.end(&request.id, signal).await.exit_status, status, "{how}");
        }
    }
}

#[tokio::test]
async fn a_full_pipe_and_an_empty_one_hold_up_no_signal() {
    let serve = Serve::switched(WASI3).await;
    let (input, output) = (serve.scratch.fifo("in"), serve.scratch.fifo("out"));
    for (how, argument) in [("copy", ""), ("pass", ""), ("pour", "1000000")] {
        let (mut request, _, _) = command(&serve, &[how, argument]);
        let stdio = request.stdio.mut_or_insert_default();
        (stdio.stdin, stdio.stdout) = (display(&input), display(&output));
        serve.launch(&request).await;
        assert_eq!(serve.end(&request.id, 15).await.exit_status, 143, "{how}");
    }
}

#[tokio::test]
async fn a_paused_command_rests_and_goes_on() {
    let serve = Serve::switched(WASI3).await;
    for how in ENDLESS {
        let (request, out, _) = command(&serve, &[how]);
        serve.launch(&request).await;
        begun(&out).await;
        serve.pause(&request.id).await;
        serve.assert_rests(&request.id).await;
        serve.resume(&request.id).await;
        assert_eq!(serve.end(&request.id, 9).await.exit_status, 137, "{how}");
    }
}

#[tokio::test]
async fn bounds_of_time_end_it() {
    let serve = Serve::switched(WASI3).await;
    let limited = async |how: &str, limit: fn(&mut wire::Policy)| {
        let (mut request, _, _) = command(&serve, &[how]);
        limit(request.policy.mut_or_insert_default());
        serve.finish(&request).await.exit_status
    };
    for how in ENDLESS {
        assert_eq!(limited(how, |p| p.wall_time_ms = 50).await, 128 + SIGALRM, "{how}");
    }
    for how in ["yield", "relay"] {
        assert_eq!(limited(how, |p| p.cpu_time_ms = 50).await, 128 + SIGXCPU, "{how}");
    }
}

#[tokio::test]
async fn memory_is_bounded() {
    let serve = Serve::switched(WASI3).await;
    let (mut request, _, _) = command(&serve, &["pour", "100000000"]);
    request.limits.mut_or_insert_default().memory_bytes = 16 << 20;
    let exit = serve.finish(&request).await;
    assert!(exit.oom_killed && exit.exit_status == 137, "{exit:?}");
}

#[tokio::test]
async fn tasks_and_streams_are_bounded() {
    let serve = Serve::switched(WASI3).await;
    assert_eq!(
        ran(&serve, &["waits", "1000"]).await,
        (0, "all over\n".into(), String::new())
    );
    assert_eq!(ran(&serve, &["streams", "500"]).await.1, "500 streams\n");
    for how in ["waits", "streams"] {
        let (status, _, complaint) = ran(&serve, &[how, "100000"]).await;
        assert_eq!(status, 134, "{how}");
        assert!(complaint.contains("no free keys"), "{complaint}");
    }
}
