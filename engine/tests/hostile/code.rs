//! Modules that never come to their end, and bytes that are hardly modules.

use crate::common::{compile, display, guest};
use crate::yard::Yard;
use std::fs;
use std::sync::Mutex;
use std::thread;

const REFUSED: i32 = 65;
const MUTATIONS: usize = 1000;

#[tokio::test]
async fn a_start_function_without_end_can_be_killed() {
    let mut yard = Yard::open().await;
    let text = r#"(module (memory (export "memory") 1) (func $f (loop (br 0))) (start $f) (func (export "_start")))"#;
    let request = yard.serve.request(text);
    yard.crowd(&request, 4).await;
    let text = r#"(module (memory (export "memory") 1) (func (export "_initialize") (loop (br 0)))
        (func (export "other")))"#;
    let mut request = yard.serve.request(text);
    request.entrypoint = "other".to_owned();
    yard.crowd(&request, 4).await;
    yard.close().await;
}

#[tokio::test]
async fn code_that_only_loops_leaves_the_others_their_turn() {
    let mut yard = Yard::open().await;
    let yields = r#"(module (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
        (memory (export "memory") 1) (func (export "_start") (loop (drop (call $yield)) (br 0))))"#;
    for text in [&guest("", "(loop (br 0))"), yields] {
        let request = yard.serve.request(text);
        yard.crowd(&request, 20).await;
    }
    yard.close().await;
}

/// A module with something of everything.
fn victim() -> Vec<u8> {
    let more = r#"(table $t 4 8 funcref) (global $g (mut i64) (i64.const 7)) (elem (i32.const 0) $put $open)
        (data (i32.const 64) "some text") (type $ii (func (param i32) (result i32)))
        (func $f (param $n i32) (result i32) (local $x f64)
          (local.set $x (f64.sqrt (f64.convert_i32_s (local.get $n))))
          (if (result i32) (i32.lt_s (local.get $n) (i32.const 2)) (then (i32.const 1))
            (else (i32.add (call $f (i32.sub (local.get $n) (i32.const 1)))
              (i32.trunc_sat_f64_s (local.get $x))))))
        (func $g (param i32) (result i32) (block $a (block $b (block $c
          (br_table $a $b $c (local.get 0))) (return (i32.const 3))) (return (i32.const 4))) (i32.const 5))"#;
    let body =
        "(i64.store (i32.const 8) (global.get $g)) (drop (call $f (i32.const 20))) (drop (call $g (i32.const 1)))
        (drop (table.grow $t (ref.null func) (i32.const 2))) (memory.copy (i32.const 128) (i32.const 64) (i32.const 9))
        (call $put (i32.const 1) (i32.const 128) (i32.const 9))";
    wat::parse_str(guest(more, body)).unwrap()
}

/// Compiles all of `modules`, on two threads; each is compiled or refused with a sentence. The compiled ones.
fn compile_all(modules: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let (modules, compiled) = (Mutex::new(modules), Mutex::new(Vec::new()));
    let work = || {
        while let Some(module) = { modules.lock().unwrap().pop() } {
            let output = compile(&module);
            match output.status.code() {
                Some(0) => compiled.lock().unwrap().push(output.stdout),
                Some(REFUSED) => assert!(!output.stderr.is_empty() && output.stdout.is_empty()),
                other => panic!("{other:?} for {module:?}: {}", String::from_utf8_lossy(&output.stderr)),
            }
        }
    };
    thread::scope(|s| [s.spawn(work), s.spawn(work)].map(|t| t.join().unwrap()));
    compiled.into_inner().unwrap()
}

/// Runs what can be started for a while; none may be more than itself.
async fn run_all(yard: &mut Yard, programs: &[Vec<u8>]) -> usize {
    let mut request = yard.serve.request(guest("", ""));
    request.limits.mut_or_insert_default().memory_bytes = 16 << 20;
    let mut started = 0;
    for (n, program) in programs.iter().enumerate() {
        let path = yard.serve.scratch.path("mutant.cwasm");
        fs::write(&path, program).unwrap();
        request.compiled_path = display(&path);
        request.id = format!("mutant{n}");
        if yard.serve.create(&request).await.is_ok() {
            yard.serve.start_guest(&request.id).await.unwrap();
            started += 1;
        }
        fs::remove_file(&path).unwrap();
    }
    yard.sings().await;
    for n in 0..programs.len() {
        let _ = yard.serve.signal(&format!("mutant{n}"), 9).await;
    }
    for _ in 0..started {
        let exit = yard.serve.next_exit().await;
        yard.serve.delete(&exit.id).await.unwrap();
    }
    started
}

#[tokio::test]
async fn truncated_modules_are_refused_at_every_length() {
    let mut yard = Yard::open().await;
    let whole = victim();
    let modules: Vec<_> = (0..whole.len()).map(|n| whole[..n].to_vec()).collect();
    let programs = compile_all(modules);
    // Cut between two sections, some are whole modules again; without their code they have no entry point.
    assert!(programs.len() < 20, "{}", programs.len());
    run_all(&mut yard, &programs).await;
    yard.close().await;
}

#[tokio::test]
async fn mutated_modules_are_refused_or_run() {
    let mut yard = Yard::open().await;
    let whole = victim();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |bound: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % bound as u64) as usize
    };
    let modules: Vec<_> = (0..MUTATIONS)
        .map(|_| {
            let mut module = whole.clone();
            for _ in 0..=next(3) {
                let at = 8 + next(module.len() - 8);
                module[at] = next(256) as u8;
            }
            module
        })
        .collect();
    let programs = compile_all(modules);
    assert!(programs.len() > 20, "hardly a mutant lives: {}", programs.len());
    let started = run_all(&mut yard, &programs).await;
    println!("{MUTATIONS} mutations: {} compiled, {started} ran", programs.len());
    yard.close().await;
}
