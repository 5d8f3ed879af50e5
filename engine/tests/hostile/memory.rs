//! Memory, tables and stacks without end.

use crate::common::guest;
use crate::yard::Yard;

const MIB: u64 = 1 << 20;
const OUT_OF_MEMORY: u32 = 137;
const TRAP: u32 = 134;

#[tokio::test]
async fn growing_without_end_meets_the_limit() {
    let mut yard = Yard::open().await;
    let mut request = yard
        .serve
        .request(guest("", "(loop (drop (memory.grow (i32.const 1))) (br 0))"));
    request.limits.mut_or_insert_default().memory_bytes = 64 * MIB;
    for exit in yard.crowd(&request, 6).await {
        assert_eq!((exit.exit_status, exit.oom_killed), (137, false));
    }
    yard.close().await;
}

#[tokio::test]
async fn growing_and_writing_ends_as_out_of_memory() {
    let yard = Yard::open().await;
    let body = "(local $at i32) (loop
        (local.set $at (i32.mul (memory.grow (i32.const 16)) (i32.const 65536)))
        (memory.fill (local.get $at) (i32.const 1) (i32.const 1048576)) (br 0))";
    let mut request = yard.serve.request(guest("", body));
    request.limits.mut_or_insert_default().memory_bytes = 32 * MIB;
    for _ in 0..4 {
        let exit = yard.finish(&request).await;
        assert_eq!((exit.exit_status, exit.oom_killed), (OUT_OF_MEMORY, true));
    }
    yard.close().await;
}

#[tokio::test]
async fn memories_of_four_gib_by_the_hundred_cost_only_what_is_touched() {
    let mut yard = Yard::open().await;
    let text = r#"(module (memory (export "memory") 65536) (func (export "_start")
        (i32.store (i32.const 0xfffffff0) (i32.const 1)) (loop (br 0))))"#;
    let request = yard.serve.request(text);
    for exit in yard.crowd(&request, 200).await {
        assert_eq!(exit.exit_status, 137);
    }
    yard.close().await;
}

#[tokio::test]
async fn many_memories_in_one_module_are_counted_together() {
    let yard = Yard::open().await;
    let memories = |n: usize| "(memory 16384)".repeat(n);
    let module = |n| format!(r#"(module {} (func (export "_start")))"#, memories(n));
    let mut request = yard.serve.request(module(16));
    assert_eq!(yard.finish(&request).await.exit_status, 0);
    request.limits.mut_or_insert_default().memory_bytes = 8 << 30;
    let exit = yard.finish(&request).await;
    assert_eq!((exit.exit_status, exit.oom_killed), (OUT_OF_MEMORY, true));
    let request = yard.serve.request(module(17));
    assert_eq!(yard.finish(&request).await.exit_status, TRAP);
    yard.close().await;
}

#[tokio::test]
async fn huge_tables_are_refused_or_counted() {
    let yard = Yard::open().await;
    let module = |tables: &str| format!(r#"(module {tables} (func (export "_start")))"#);
    let tables = [
        "(table 0xffffffff funcref)",
        "(table 10000001 funcref)",
        &"(table 1 funcref)".repeat(65),
    ];
    for tables in tables {
        let request = yard.serve.request(module(tables));
        assert_eq!(yard.finish(&request).await.exit_status, TRAP, "{tables}");
    }
    let mut request = yard.serve.request(module(&"(table 1000000 funcref)".repeat(64)));
    request.limits.mut_or_insert_default().memory_bytes = 64 * MIB;
    let exit = yard.finish(&request).await;
    assert_eq!((exit.exit_status, exit.oom_killed), (OUT_OF_MEMORY, true));
    yard.close().await;
}

#[tokio::test]
async fn recursion_without_end_ends_the_guest_alone() {
    let yard = Yard::open().await;
    let locals = "(local i64 i64 i64 i64 i64 i64 i64 i64)".repeat(50);
    let bodies = [
        ("", "(call $main)".to_owned()),
        ("", format!("{locals} (call $main)")),
        (
            "(table $t 1 funcref) (elem (table $t) (i32.const 0) func $main)",
            "(call_indirect $t (i32.const 0))".to_owned(),
        ),
    ];
    for (more, body) in bodies {
        let request = yard.serve.request(guest(more, &body));
        for _ in 0..4 {
            let exit = yard.finish(&request).await;
            assert_eq!(exit.exit_status, TRAP, "{}", exit.cause);
        }
    }
    yard.close().await;
}

#[tokio::test]
async fn host_calls_with_absurd_sizes_are_refused() {
    let mut yard = Yard::open().await;
    let bodies = [
        // 268 million vectors, or subscriptions, or a path of 4 GiB.
        "(drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 0x0fffffff) (i32.const 8)))",
        "(drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 0xffffffff) (i32.const 8)))",
        "(drop (call $poll_oneoff (i32.const 0) (i32.const 104) (i32.const 0x05000000) (i32.const 200)))",
        "(drop (call $poll_oneoff (i32.const 0) (i32.const 0x7fffffff) (i32.const 1000) (i32.const 200)))",
        "(drop (call $open (i32.const 3) (i32.const 0) (i32.const -1) (i32.const 0)))",
        "(drop (call $args_get (i32.const -1) (i32.const -1)))",
    ];
    for body in bodies {
        let text = guest(
            "",
            &format!("(drop (memory.grow (i32.const 60000))) (loop {body} (br 0))"),
        );
        let request = yard.serve.request(&text);
        yard.crowd(&request, 3).await;
    }
    yard.close().await;
}
