//! Components: what runs in them, how they end, what they may import and reach.

mod common;

use common::{ENGINE, KINDS, Namespace, Scratch, Serve, code_of, componentized, guest, is_root};
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::process::{Command, Output};
use ttrpc::Code;

/// Functions of a component's own: with values of simple types, strings, an error, a trap, and one in an interface.
const FUNCTIONS: &str = r#"(component
  (core module $m
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $top)
      (global.set $top (i32.add (global.get $top) (local.get 3))))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "same") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1)) (i32.const 0))
    (func (export "check") (param i32) (result i32) (i32.eqz (local.get 0)))
    (func (export "trap") unreachable))
  (core instance $i (instantiate $m))
  (func (export "add") (param "left" u32) (param "right" u32) (result u32) (canon lift (core func $i "add")))
  (func (export "same") (param "text" string) (result string)
    (canon lift (core func $i "same") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func $count (param "text" (list u8)) (result (list u8))
    (canon lift (core func $i "same") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "check") (param "good" bool) (result (result)) (canon lift (core func $i "check")))
  (func (export "trap") (canon lift (core func $i "trap")))
  (instance $bytes (export "same-bytes" (func $count)))
  (export "test:bytes/bytes@1.0.0" (instance $bytes)))"#;

/// A command that ends with a status of its choice, or returns ok or an error.
fn ending(body: &str) -> String {
    format!(
        r#"(component
  (import "wasi:cli/exit@0.2.12" (instance $exit
    (export "exit" (func (param "status" (result))))
    (export "exit-with-code" (func (param "status-code" u8)))))
  (core func $code (canon lower (func $exit "exit-with-code")))
  (core func $plain (canon lower (func $exit "exit")))
  (core module $m
    (import "exit" "code" (func $code (param i32)))
    (import "exit" "plain" (func $plain (param i32)))
    (func (export "run") (result i32) {body}))
  (core instance $i (instantiate $m
    (with "exit" (instance (export "code" (func $code)) (export "plain" (func $plain))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $command (export "run" (func $run)))
  (export "wasi:cli/run@0.2.12" (instance $command)))"#
    )
}

fn krustlet_run(scratch: &Scratch, program: &str, entrypoint: &str, args: &[&str]) -> Output {
    let path = common::compiled(scratch, "program", program);
    let mut command = Command::new(ENGINE);
    command.args(["run", "--entrypoint", entrypoint]).arg(path);
    command.args(["--", "guest"]).args(args).output().unwrap()
}

fn called(name: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let output = krustlet_run(&Scratch::new(), FUNCTIONS, name, args);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn the_status_is_what_the_command_returns_or_exits_with() {
    let serve = Serve::start().await;
    for (body, status) in [
        ("(i32.const 0)", 0),
        ("(i32.const 1)", 1),
        ("(call $plain (i32.const 0)) unreachable", 0),
        ("(call $plain (i32.const 1)) unreachable", 1),
        ("(call $code (i32.const 42)) unreachable", 42),
        ("(call $code (i32.const 255)) unreachable", 255),
        ("unreachable", 134),
    ] {
        let exit = serve.finish(&serve.request(ending(body))).await;
        assert_eq!(exit.exit_status, status, "{body}");
    }
}

#[tokio::test]
async fn run_and_serve_end_alike() {
    let scratch = Scratch::new();
    let status = |body: &str| krustlet_run(&scratch, &ending(body), "", &[]).status.code();
    assert_eq!(status("(i32.const 1)"), Some(1));
    assert_eq!(status("(call $code (i32.const 42)) unreachable"), Some(42));
    assert_eq!(status("unreachable"), Some(134));
}

#[test]
fn a_function_takes_its_arguments_and_prints_its_result_as_wave() {
    assert_eq!(called("add", &["40", "2"]), (Some(0), "42\n".into(), String::new()));
    assert_eq!(called("same", &["two words"]).1, "\"two words\"\n");
    assert_eq!(
        called("same", &[r#""a \"quoted\" one""#]).1,
        "\"a \\\"quoted\\\" one\"\n"
    );
    assert_eq!(called("check", &["true"]).0, Some(0));
    assert_eq!(called("check", &["false"]).0, Some(1));
    assert_eq!(called("same-bytes", &["[1, 2, 255]"]).1, "[1, 2, 255]\n");
    for name in ["test:bytes/bytes@1.0.0/same-bytes", "test:bytes/bytes/same-bytes"] {
        assert_eq!(called(name, &["[]"]).1, "[]\n", "{name}");
    }
    let (status, _, text) = called("trap", &[]);
    assert!(status == Some(134) && text.contains("unreachable"), "{text}");
}

#[test]
fn what_cannot_be_called_is_refused_with_a_sentence() {
    for (name, args, words) in [
        (
            "",
            &[][..],
            "exports neither wasi:cli/run nor wasi:http/incoming-handler",
        ),
        (
            "missing",
            &[],
            "no such function; it has test:bytes/bytes@1.0.0/same-bytes, add, same, check, trap",
        ),
        ("add", &["1"], "it takes 2 arguments (left, right), and 1 were given"),
        ("add", &["1", "many"], "argument right, `many`"),
        ("add", &["1", "-1"], "argument right, `-1`"),
    ] {
        let (status, out, text) = called(name, args);
        assert_eq!((status, out.as_str()), (Some(65), ""), "{text}");
        assert!(text.contains(words) && text.lines().count() == 1, "{text}");
    }
}

#[tokio::test]
async fn an_import_that_is_not_offered_is_named() {
    let serve = Serve::start().await;
    let text = r#"(component
      (import "wasi:nn/tensor@0.2.0" (instance (export "fields" (type (sub resource))))))"#;
    let refused = serve.create(&serve.request(text)).await.unwrap_err();
    assert!(refused.to_string().contains("wasi:nn/tensor@0.2.0"), "{refused}");
    assert_eq!(code_of(refused), Code::INVALID_ARGUMENT);
}

#[tokio::test]
async fn an_exec_of_a_component_joins_a_module_and_the_other_way_round() {
    let serve = Serve::start().await;
    fs::write(serve.scratch.path("root/file"), "x").unwrap();
    let opens = guest(
        r#"(data (i32.const 512) "file")"#,
        "(if (call $open (i32.const 3) (i32.const 512) (i32.const 4) (i32.const 0)) (then unreachable))",
    );
    for (first, second) in [(KINDS[0], KINDS[1]), (KINDS[1], KINDS[0])] {
        let running = serve.request(first(&guest("", "(loop (br 0))")));
        serve.launch(&running).await;
        let mut request = serve.request(second(&opens));
        (request.container, request.root_path) = (running.id.clone(), String::new());
        assert_eq!(serve.finish(&request).await.exit_status, 0);
        assert_eq!(serve.end(&running.id, 9).await.exit_status, 137);
    }
}

#[tokio::test]
async fn files_are_touched_as_the_user_of_the_container() {
    if !is_root() {
        return;
    }
    let serve = Serve::start().await;
    fs::write(serve.scratch.path("root/file"), "x").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(serve.scratch.path("root/file"), mode).unwrap();
    let text = guest(
        r#"(data (i32.const 512) "file")"#,
        "(call $proc_exit (call $open (i32.const 3) (i32.const 512) (i32.const 4) (i32.const 0)))",
    );
    for (uid, status) in [(0, 0), (1000, 1)] {
        let mut request = serve.request(componentized(&wat::parse_str(&text).unwrap()));
        let mut user = wire::User::new();
        (user.uid, user.gid) = (uid, uid);
        request.user = Some(user).into();
        assert_eq!(serve.finish(&request).await.exit_status, status);
    }
}

#[tokio::test]
async fn machine_code_of_an_image_is_no_program() {
    let scratch = Scratch::new();
    for program in [FUNCTIONS.to_owned(), guest("", "")] {
        let code = fs::read(common::compiled(&scratch, "code", program)).unwrap();
        let output = common::compile(&code);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(65), 0));
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains("not a WebAssembly module"), "{text}");
    }
}

/// The example, as its script builds it.
fn echo(serve: &Serve) -> wire::CreateRequest {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/echo/echo.wasm");
    serve.request(fs::read(example).unwrap())
}

#[tokio::test]
async fn a_server_listens_in_the_network_of_its_pod_and_only_there() {
    if !is_root() {
        return;
    }
    let Some(namespace) = Namespace::new() else {
        eprintln!("skipped: cannot make a network namespace");
        return;
    };
    let serve = Serve::start().await;
    let inside = |command: &str| {
        let mut ip = Command::new("ip");
        ip.args(["netns", "exec", &namespace.0, "bash", "-c", command]);
        ip.output().unwrap()
    };
    assert!(inside("ip link set lo up").status.success());
    let mut request = echo(&serve);
    request.network_namespace = format!("/run/netns/{}", namespace.0);
    let (out, err) = serve.with_files(&mut request);
    serve.launch(&request).await;
    common::until("the server listens", || {
        let complaint = fs::read_to_string(&err).unwrap_or_default();
        assert_eq!(complaint, "");
        fs::read_to_string(&out).is_ok_and(|text| text.contains("listening at 0.0.0.0:7777"))
    })
    .await;
    let talk = "exec 3<>/dev/tcp/127.0.0.1/7777 && echo hello >&3 && read -t 10 line <&3 && echo $line";
    let talked = inside(talk);
    assert_eq!(talked.stdout, b"hello\n", "{}", String::from_utf8_lossy(&talked.stderr));
    assert!(std::net::TcpStream::connect("127.0.0.1:7777").is_err());
    assert_eq!(serve.end(&request.id, 15).await.exit_status, 143);
}

#[tokio::test]
async fn without_a_network_of_its_own_a_guest_has_no_sockets() {
    let serve = Serve::start().await;
    let mut request = echo(&serve);
    let (_, err) = serve.with_files(&mut request);
    assert_eq!(serve.finish(&request).await.exit_status, 1);
    let text = fs::read_to_string(err).unwrap();
    assert!(text.contains("listen at 0.0.0.0:7777"), "{text}");
}
