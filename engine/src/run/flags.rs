//! The switches of `run` that say what its guest may do: a container's policy, flag by flag.

use crate::proto::engine::{Http, Network, Policy};
use lexopt::{Error, Parser, ValueExt};

/// As the usage shows them.
pub const USAGE: &str = "\
policy: [--outbound RULE|none]... [--inbound-port PORT[-LAST]|none]... [--listen ADDRESS:PORT]...
        [--max-outgoing-requests N] [--max-instances N] [--cpu-time-ms N] [--wall-time-ms N] [--deterministic]
        [--http-max-requests N] [--http-request-timeout-ms N] [--http-max-head BYTES] [--http-max-body BYTES]
        [--http-request-memory BYTES] [--http-requests-per-instance N] [--http-workers N] [--http-access-log]
";

/// Stands for an empty list.
const NONE: &str = "none";

/// Takes the flag `name` and its value into `policy`; false if it is no flag of a policy.
///
/// # Errors
/// When its value is missing or is not of its kind.
pub fn take(name: &str, args: &mut Parser, policy: &mut Policy) -> Result<bool, Error> {
    match name {
        "max-instances" => policy.max_instances = args.value()?.parse()?,
        "cpu-time-ms" => policy.cpu_time_ms = args.value()?.parse()?,
        "wall-time-ms" => policy.wall_time_ms = args.value()?.parse()?,
        "deterministic" => policy.deterministic = true,
        _ => {
            return Ok(of_network(name, args, policy.network.mut_or_insert_default())?
                || of_http(name, args, policy.http.mut_or_insert_default())?);
        }
    }
    Ok(true)
}

fn of_network(name: &str, args: &mut Parser, network: &mut Network) -> Result<bool, Error> {
    match name {
        "outbound" => network.outbound_restricted = push(&mut network.outbound, args)?,
        "inbound-port" => network.inbound_restricted = push(&mut network.inbound, args)?,
        "listen" => network.listen.push(args.value()?.string()?),
        "max-outgoing-requests" => network.max_outgoing_requests = args.value()?.parse()?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Adds the flag's value to its list, which is in force from then on.
fn push(list: &mut Vec<String>, args: &mut Parser) -> Result<bool, Error> {
    let value = args.value()?.string()?;
    if value != NONE {
        list.push(value);
    }
    Ok(true)
}

fn of_http(name: &str, args: &mut Parser, http: &mut Http) -> Result<bool, Error> {
    match name {
        "http-max-requests" => http.max_requests = args.value()?.parse()?,
        "http-request-timeout-ms" => http.request_timeout_ms = args.value()?.parse()?,
        "http-max-head" => http.max_head_bytes = args.value()?.parse()?,
        "http-max-body" => http.max_body_bytes = args.value()?.parse()?,
        "http-request-memory" => http.request_memory_bytes = args.value()?.parse()?,
        "http-requests-per-instance" => http.max_requests_per_instance = args.value()?.parse()?,
        "http-workers" => http.workers = args.value()?.parse()?,
        "http-access-log" => http.access_log = true,
        _ => return Ok(false),
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(line: &str) -> Result<Policy, Error> {
        let mut args = Parser::from_args(line.split_ascii_whitespace());
        let mut policy = Policy::new();
        while let Some(arg) = args.next()? {
            let lexopt::Arg::Long(name) = arg else {
                return Err(arg.unexpected());
            };
            let name = name.to_owned();
            if !take(&name, &mut args, &mut policy)? {
                return Err(Error::UnexpectedOption(name));
            }
        }
        Ok(policy)
    }

    #[test]
    fn each_flag_is_its_field() {
        let network = "--outbound a.example --outbound 10.0.0.0/8:5432 --inbound-port 80-90 --listen [::]:80";
        let policy = policy(&format!(
            "{network} --max-outgoing-requests 1 --max-instances 2 --cpu-time-ms 3 --wall-time-ms 4 --deterministic \
             --http-max-requests 5 --http-request-timeout-ms 6 --http-max-head 7 --http-max-body 8 \
             --http-request-memory 9 --http-requests-per-instance 10 --http-workers 11 --http-access-log"
        ))
        .unwrap();
        let (network, http) = (&policy.network, &policy.http);
        assert_eq!(network.outbound, ["a.example", "10.0.0.0/8:5432"]);
        assert!(network.outbound_restricted && network.inbound_restricted && policy.deterministic);
        assert_eq!(
            (&network.inbound[..], &network.listen[..]),
            (&["80-90".into()][..], &["[::]:80".into()][..])
        );
        assert_eq!((network.max_outgoing_requests, policy.max_instances), (1, 2));
        assert_eq!((policy.cpu_time_ms, policy.wall_time_ms), (3, 4));
        assert_eq!((http.max_requests, http.request_timeout_ms), (5, 6));
        assert_eq!(
            (http.max_head_bytes, http.max_body_bytes, http.request_memory_bytes),
            (7, 8, 9)
        );
        assert_eq!(
            (http.max_requests_per_instance, http.workers, http.access_log),
            (10, 11, true)
        );
    }

    #[test]
    fn none_is_a_list_of_nothing() {
        let policy = policy("--outbound none").unwrap();
        assert!(policy.network.outbound_restricted && policy.network.outbound.is_empty());
        assert!(!policy.network.inbound_restricted);
    }

    #[test]
    fn other_flags_and_values_are_refused() {
        assert!(policy("--inbound 80").is_err());
        assert!(policy("--max-instances many").unwrap_err().to_string().contains("many"));
    }
}
