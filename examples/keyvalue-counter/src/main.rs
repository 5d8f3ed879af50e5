//! Counts, a step a second, in a bucket that outlives it if a Redis has it. Its configuration: `step` (1), `bucket`
//! (`counter`) and `times`, after which it ends; without `times` it goes on.

wit_bindgen::generate!({ world: "counter", path: "wit", generate_all });

use std::num::ParseIntError;
use std::process::ExitCode;
use std::time::Duration;
use wasi::config::store as config;
use wasi::keyvalue::atomics::increment;
use wasi::keyvalue::store as keyvalue;
use wasi::logging::logging::{Level, log};

const KEY: &str = "count";

fn main() -> ExitCode {
    match count() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            log(Level::Error, "counter", &why);
            ExitCode::FAILURE
        }
    }
}

fn count() -> Result<(), String> {
    let step = number("step")?.unwrap_or(1);
    let times = number("times")?;
    let name = value("bucket")?.unwrap_or_else(|| "counter".to_owned());
    let bucket = keyvalue::open(&name).map_err(|e| format!("bucket {name}: {e:?}"))?;
    log(Level::Info, "counter", &format!("steps of {step} in bucket {name}"));
    let mut done = 0;
    while times.is_none_or(|times| done < times) {
        if done > 0 {
            std::thread::sleep(Duration::from_secs(1));
        }
        match increment(&bucket, KEY, step) {
            Ok(sum) => println!("{KEY} {sum}"),
            // The next one may be luckier: a Redis can be away for a while.
            Err(e) => log(Level::Warn, "counter", &format!("increment {KEY}: {e:?}")),
        }
        done += 1;
    }
    Ok(())
}

fn number(key: &str) -> Result<Option<u64>, String> {
    let parse = |text: String| text.trim().parse().map_err(|e: ParseIntError| format!("{key}, `{text}`: {e}"));
    value(key)?.map(parse).transpose()
}

fn value(key: &str) -> Result<Option<String>, String> {
    config::get(key).map_err(|e| format!("configuration {key}: {e:?}"))
}
