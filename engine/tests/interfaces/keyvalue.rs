//! `wasi:keyvalue`: a component whose functions open a bucket and call one function of the interface on it, and what
//! the buckets of a container are.

use crate::common::{Serve, code_of, guest};
use crate::forwarding::{answer, request};
use krustlet_engine::proto::engine as wire;
use ttrpc::Code;

/// A function about a bucket: interface, name, name as exported, parameters behind the bucket, the same as core types,
/// and its result.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const FUNCTIONS: [Row; 9] = [
    (
        "store",
        "[method]bucket.get",
        "get",
        r#"(param "key" string)"#,
        "i32 i32",
        "(option (list u8))",
    ),
    (
        "store",
        "[method]bucket.set",
        "set",
        r#"(param "key" string) (param "value" (list u8))"#,
        "i32 i32 i32 i32",
        "",
    ),
    (
        "store",
        "[method]bucket.delete",
        "delete",
        r#"(param "key" string)"#,
        "i32 i32",
        "",
    ),
    (
        "store",
        "[method]bucket.exists",
        "exists",
        r#"(param "key" string)"#,
        "i32 i32",
        "bool",
    ),
    (
        "store",
        "[method]bucket.list-keys",
        "list",
        r#"(param "cursor" (option u64))"#,
        "i32 i64",
        "$key-response",
    ),
    (
        "atomics",
        "increment",
        "increment",
        r#"(param "key" string) (param "delta" u64)"#,
        "i32 i32 i64",
        "u64",
    ),
    (
        "batch",
        "get-many",
        "get-many",
        r#"(param "keys" (list string))"#,
        "i32 i32",
        "(list (option (tuple string (list u8))))",
    ),
    (
        "batch",
        "set-many",
        "set-many",
        r#"(param "key-values" (list (tuple string (list u8))))"#,
        "i32 i32",
        "",
    ),
    (
        "batch",
        "delete-many",
        "delete-many",
        r#"(param "keys" (list string))"#,
        "i32 i32",
        "",
    ),
];

const OPEN: &str = r#"(param "bucket" string)"#;

fn imported(interface: &str) -> String {
    let of = FUNCTIONS.iter().filter(|f| f.0 == interface);
    of.map(|(_, name, _, params, _, answer)| {
        let own = if name.starts_with('[') { "self" } else { "bucket" };
        format!("(export \"{name}\" (func (param \"{own}\" (borrow $bucket)) {params} (result (result {answer} (error $error)))))\n")
    })
    .collect()
}

/// The component. The name of the bucket is the first parameter of each function, so that arguments can be texts.
pub fn program() -> String {
    let memory = "(memory $memory) (realloc (core func $realloc))";
    let each = |line: &dyn Fn(&Row) -> String| FUNCTIONS.iter().map(line).collect::<String>();
    let lowered = each(&|(interface, name, export, ..)| {
        format!("(core func ${export} (canon lower (func ${interface} \"{name}\") {memory}))\n")
    });
    let imports = each(&|(_, _, export, _, flat, _)| {
        format!("(import \"host\" \"{export}\" (func ${export} (param i32 {flat} i32)))\n")
    });
    let calls = each(&|(_, _, export, _, flat, _)| {
        let passed: String = (2..2 + flat.split(' ').count())
            .map(|n| format!("(local.get {n})"))
            .collect();
        format!(
            "(func (export \"{export}\") (param i32 i32 {flat}) (result i32)
               (call ${export} (call $opened (local.get 0) (local.get 1)) {passed} (i32.const 16)) (i32.const 16))\n"
        )
    });
    let given = each(&|(_, _, export, ..)| format!("(export \"{export}\" (func ${export}))\n"));
    let lifted = each(&|(_, _, export, params, _, answer)| {
        format!(
            "(func (export \"{export}\") {OPEN} {params} (result (result {answer} (error $error)))
               (canon lift (core func $i \"{export}\") {memory}))\n"
        )
    });
    let (store, atomics, batch) = (imported("store"), imported("atomics"), imported("batch"));
    format!(
        r#"(component
  (import "wasi:keyvalue/store@0.2.0-draft" (instance $store
    (type $e (variant (case "no-such-store") (case "access-denied") (case "other" string)))
    (export "error" (type $error (eq $e)))
    (type $k (record (field "keys" (list string)) (field "cursor" (option u64))))
    (export "key-response" (type $key-response (eq $k)))
    (export "bucket" (type $bucket (sub resource)))
    (export "open" (func (param "identifier" string) (result (result (own $bucket) (error $error)))))
    {store}))
  (alias export $store "bucket" (type $bucket))
  (alias export $store "error" (type $error))
  (alias export $store "key-response" (type $key-response))
  (import "wasi:keyvalue/atomics@0.2.0-draft" (instance $atomics
    (export "bucket" (type (eq $bucket)))
    (export "error" (type (eq $error)))
    {atomics}))
  (import "wasi:keyvalue/batch@0.2.0-draft" (instance $batch
    (export "bucket" (type (eq $bucket)))
    (export "error" (type (eq $error)))
    {batch}))
  (core module $room
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (loop $more (if (i32.gt_u (global.get $top) (i32.mul (memory.size) (i32.const 65536)))
        (then (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable)) (br $more))))
      (local.get $at)))
  (core instance $r (instantiate $room))
  (alias core export $r "memory" (core memory $memory))
  (alias core export $r "realloc" (core func $realloc))
  (core func $open (canon lower (func $store "open") {memory}))
  {lowered}
  (core module $m
    (import "host" "open" (func $open (param i32 i32 i32)))
    (import "host" "memory" (memory 1))
    {imports}
    (func $opened (param i32 i32) (result i32)
      (call $open (local.get 0) (local.get 1) (i32.const 64))
      (if (i32.load8_u (i32.const 64)) (then unreachable))
      (i32.load (i32.const 68)))
    {calls})
  (core instance $i (instantiate $m (with "host" (instance
    (export "open" (func $open)) (export "memory" (memory $memory)) {given}))))
  {lifted})"#
    )
}

/// A container that idles, for execs to work in.
pub struct Room {
    pub serve: Serve,
    pub first: wire::CreateRequest,
    program: wire::CreateRequest,
}

impl Room {
    pub async fn new(change: impl FnOnce(&mut wire::CreateRequest)) -> Self {
        let serve = Serve::start().await;
        let mut first = serve.request(guest("", "(loop (br 0))"));
        change(&mut first);
        serve.launch(&first).await;
        let program = serve.request(program());
        Self { serve, first, program }
    }

    /// What a function prints, without the line's end.
    pub async fn call(&self, function: &str, args: &[&str]) -> String {
        let mut exec = request(&self.serve, "(module)", function, args);
        exec.compiled_path.clone_from(&self.program.compiled_path);
        exec.container.clone_from(&self.first.id);
        let (out, err) = answer(&self.serve, exec).await;
        assert_eq!(err, "", "{function} {args:?}");
        out.trim_end().to_owned()
    }
}

/// What holds for a bucket wherever it is.
pub async fn a_bucket_behaves(room: &Room) {
    assert_eq!(room.call("get", &["", "a"]).await, "ok(none)");
    assert_eq!(room.call("exists", &["", "a"]).await, "ok(false)");
    assert_eq!(room.call("set", &["", "a", "[0, 13, 10, 255]"]).await, "ok");
    assert_eq!(room.call("get", &["", "a"]).await, "ok(some([0, 13, 10, 255]))");
    assert_eq!(room.call("exists", &["", "a"]).await, "ok(true)");
    assert_eq!(room.call("set", &["", "empty", "[]"]).await, "ok");
    assert_eq!(room.call("get", &["", "empty"]).await, "ok(some([]))");
    assert_eq!(room.call("get", &["other", "a"]).await, "ok(none)");
    assert_eq!(room.call("delete", &["", "empty"]).await, "ok");
    assert_eq!(room.call("delete", &["", "empty"]).await, "ok");
    assert_eq!(room.call("exists", &["", "empty"]).await, "ok(false)");
    // Numbers.
    assert_eq!(room.call("increment", &["n", "hits", "40"]).await, "ok(40)");
    assert_eq!(room.call("increment", &["n", "hits", "2"]).await, "ok(42)");
    assert_eq!(room.call("get", &["n", "hits"]).await, "ok(some([52, 50]))");
    let refused = room.call("increment", &["", "a", "1"]).await;
    assert!(refused.starts_with("err(other(\""), "{refused}");
    assert_eq!(room.call("get", &["", "a"]).await, "ok(some([0, 13, 10, 255]))");
    // Several keys.
    assert_eq!(
        room.call("set-many", &["m", "[(\"x\", [1]), (\"žluť*\", [2]), (\"x\", [3])]"])
            .await,
        "ok"
    );
    let many = room.call("get-many", &["m", "[\"žluť*\", \"none\", \"x\"]"]).await;
    assert_eq!(many, "ok([some((\"žluť*\", [2])), none, some((\"x\", [3]))])");
    assert_eq!(room.call("delete-many", &["m", "[\"x\", \"none\"]"]).await, "ok");
    assert_eq!(room.call("list", &["m", "none"]).await, "ok({keys: [\"žluť*\"]})");
    for nothing in [["get-many", "ok([])"], ["set-many", "ok"], ["delete-many", "ok"]] {
        assert_eq!(room.call(nothing[0], &["m", "[]"]).await, nothing[1]);
    }
    // Bounds.
    let refused = room.call("get", &["", ""]).await;
    assert_eq!(refused, "err(other(\"the key is empty\"))");
    let refused = room.call("set", &["", &"k".repeat(1025), "[]"]).await;
    assert_eq!(
        refused,
        "err(other(\"the key has 1025 bytes, and at most 1024 may be\"))"
    );
    let keys = format!("[{}]", "\"k\",".repeat(1025));
    let refused = room.call("get-many", &["", &keys]).await;
    assert_eq!(refused, "err(other(\"1025 keys in a call, and at most 1024 may be\"))");
}

#[tokio::test]
async fn a_container_has_buckets_in_memory_that_its_guests_share() {
    let room = Room::new(|_| {}).await;
    a_bucket_behaves(&room).await;
    assert_eq!(room.call("list", &["nothing", "none"]).await, "ok({keys: []})");
    let largest = u64::MAX.to_string();
    assert_eq!(
        room.call("increment", &["n", "max", &largest]).await,
        format!("ok({largest})")
    );
    assert_eq!(
        room.call("increment", &["n", "max", "1"]).await,
        "err(other(\"the sum is too large\"))"
    );
}

#[tokio::test]
async fn buckets_in_memory_are_of_one_container_and_gone_with_it() {
    let room = Room::new(|_| {}).await;
    assert_eq!(room.call("set", &["", "a", "[1]"]).await, "ok");
    let other = request(&room.serve, &program(), "get", &["", "a"]);
    assert_eq!(answer(&room.serve, other).await.0, "ok(none)\n");
    let used = room.serve.stats(&room.first.id).await.memory_bytes;
    assert!(used >= 128, "{used}");
    room.serve.end(&room.first.id, 9).await;
    assert_eq!(room.serve.stats(&room.first.id).await.memory_bytes, 0);
}

#[tokio::test]
async fn buckets_in_memory_count_as_the_memory_of_their_container() {
    let room = Room::new(|first| {
        first.limits.mut_or_insert_default().memory_bytes = 10 << 20;
    })
    .await;
    let value = format!("[{}]", "7, ".repeat(20_000));
    let mut stored = 0;
    let refused = loop {
        let said = room.call("set", &["", &format!("k{stored}"), &value]).await;
        if said != "ok" {
            break said;
        }
        stored += 1;
    };
    assert!((100..524).contains(&stored), "{stored}");
    assert!(
        refused.contains("out of memory") && refused.contains("10485760"),
        "{refused}"
    );
    let stats = room.serve.stats(&room.first.id).await;
    assert!(stats.memory_bytes > stored * 20_000, "{stats}");
    assert!(stats.memory_refusals > 0);
    assert_eq!(room.call("delete", &["", "k0"]).await, "ok");
    assert_eq!(room.call("set", &["", "again", "[1]"]).await, "ok");
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_before_the_guest_starts() {
    let serve = Serve::start().await;
    for (address, network, words) in [
        ("redis://10.0.0.1", "", "without a network of its own"),
        ("tcp://10.0.0.1", "/proc/self/ns/net", "does not begin with redis://"),
    ] {
        let mut first = request(&serve, &program(), "get", &["", "a"]);
        first.interfaces.mut_or_insert_default().keyvalue_address = address.to_owned();
        first.network_namespace = network.to_owned();
        let refused = serve.create(&first).await.unwrap_err();
        assert!(refused.to_string().contains(words), "{refused}");
        assert_eq!(code_of(refused), Code::INVALID_ARGUMENT);
    }
}
