//! The bounds of a service, and how it is served.

use crate::proto::engine as wire;
use crate::refusal::{Answer, Refusal};
use std::thread::available_parallelism;
use std::time::Duration;

const REQUESTS: u32 = 256;
const REQUEST_TIME: Duration = Duration::from_secs(60);
const HEAD: u64 = 64 << 10;
const BODY: u64 = 64 << 20;
/// What hyper needs to read a head at all.
const SMALLEST_HEAD: u64 = 8 << 10;
const LARGEST_HEAD: u64 = 1 << 20;
const MOST_REQUESTS: u32 = 65_536;
const MOST_WORKERS: u32 = 64;

/// What a request may take, and with what it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Requests that are worked on at once; more wait.
    pub requests: u32,
    /// How long a request may take until its response begins, and its instance may go on once nobody reads any more.
    pub request_time: Duration,
    /// Bytes of a request's head.
    pub head: u32,
    /// Bytes of a request's body.
    pub body: usize,
    /// Bytes of memory of one instance; 0 is what the container has.
    pub memory: u64,
    /// Requests that one instance answers.
    pub per_instance: u32,
    /// Threads that answer requests.
    pub workers: usize,
    /// Whether each request is a line of the log.
    pub access_log: bool,
}

impl Settings {
    /// What a request for a container wishes; what it leaves out is the default.
    ///
    /// # Errors
    /// When a value is out of its range.
    pub fn of(wished: &wire::Http) -> Answer<Self> {
        let or = |value: u32, default: u32| if value == 0 { default } else { value };
        let bytes = |value: u64, default: u64| if value == 0 { default } else { value };
        let head = bytes(wished.max_head_bytes, HEAD);
        within("a request's head", head, SMALLEST_HEAD..=LARGEST_HEAD)?;
        let requests = or(wished.max_requests, REQUESTS);
        within("requests at once", requests.into(), 1..=MOST_REQUESTS.into())?;
        within("threads of a service", wished.workers.into(), 0..=MOST_WORKERS.into())?;
        let cores = available_parallelism().map_or(1, usize::from);
        Ok(Self {
            requests,
            request_time: match wished.request_timeout_ms {
                0 => REQUEST_TIME,
                millis => Duration::from_millis(millis),
            },
            head: u32::try_from(head).unwrap_or(u32::MAX),
            body: usize::try_from(bytes(wished.max_body_bytes, BODY)).unwrap_or(usize::MAX),
            memory: wished.request_memory_bytes,
            per_instance: or(wished.max_requests_per_instance, 1),
            workers: match wished.workers {
                0 => cores.min(MOST_WORKERS as usize),
                workers => workers as usize,
            },
            access_log: wished.access_log,
        })
    }
}

fn within(what: &str, value: u64, range: std::ops::RangeInclusive<u64>) -> Answer<()> {
    if range.contains(&value) {
        return Ok(());
    }
    let (least, most) = range.into_inner();
    Err(Refusal::invalid(format!(
        "serve HTTP: {what}: {value} is not between {least} and {most}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_the_default_and_what_is_out_of_range_is_refused() {
        let settings = Settings::of(&wire::Http::new()).unwrap();
        assert_eq!((settings.requests, settings.per_instance), (256, 1));
        assert_eq!(settings.request_time, Duration::from_secs(60));
        assert!(settings.workers >= 1 && !settings.access_log);
        let mut wished = wire::Http::new();
        wished.max_head_bytes = 100;
        let refusal = Settings::of(&wished).unwrap_err();
        assert!(refusal.sentence.contains("head: 100 is not between 8192"), "{refusal}");
    }
}
