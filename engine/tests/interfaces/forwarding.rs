//! Components that export the functions of an interface they import, each with the standard's type. Called by name,
//! a function shows what the host answers as WAVE.

use crate::common::{ENGINE, Scratch, Serve, compiled};
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::process::Command;

/// A function that answers by way of memory, or with nothing: its name, its type in WAT and how many numbers its
/// parameters are.
pub struct Function {
    pub name: &'static str,
    pub kind: &'static str,
    pub flat: usize,
    pub answers: bool,
}

/// An interface in WAT: `types` are its named types, `named` their names.
pub struct Interface {
    pub types: &'static str,
    pub named: &'static [&'static str],
    pub functions: &'static [Function],
}

impl Interface {
    /// The component for the interface under a name it is known by.
    pub fn forwarding(&self, name: &str) -> String {
        let Self {
            types,
            named,
            functions,
        } = self;
        let each = |line: &dyn Fn(&Function) -> String| functions.iter().map(line).collect::<String>();
        let imported = each(&|f| format!("(export \"{}\" (func {}))\n", f.name, f.kind));
        let aliases: String = named
            .iter()
            .map(|t| format!("(alias export $interface \"{t}\" (type ${t}))\n"))
            .collect();
        let lowered = each(&|f| {
            format!(
                "(core func ${0} (canon lower (func $interface \"{0}\") (memory $memory) (realloc (core func $realloc))))\n",
                f.name
            )
        });
        let imports = each(&|f| {
            let answer = if f.answers { " i32" } else { "" };
            let params = " i32".repeat(f.flat);
            format!(
                "(import \"host\" \"{0}\" (func ${0} (param{params}{answer})))\n",
                f.name
            )
        });
        let calls = each(&|f| {
            let (result, area) = if f.answers {
                ("(result i32)", "(i32.const 16)")
            } else {
                ("", "")
            };
            let params = " i32".repeat(f.flat);
            let passed: String = (0..f.flat).map(|n| format!("(local.get {n})")).collect();
            format!(
                "(func (export \"{0}\") (param{params}) {result} (call ${0} {passed} {area}) {area})\n",
                f.name
            )
        });
        let instance = each(&|f| format!("(export \"{0}\" (func ${0}))\n", f.name));
        let exported = each(&|f| {
            format!(
                "(func (export \"{0}\") {1} (canon lift (core func $i \"{0}\") (memory $memory) (realloc (core func $realloc))))\n",
                f.name, f.kind
            )
        });
        format!(
            r#"(component
  (import "{name}" (instance $interface {types} {imported}))
  {aliases}
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
  {lowered}
  (core module $m {imports} {calls})
  (core instance $i (instantiate $m (with "host" (instance {instance}))))
  {exported})"#
        )
    }
}

/// A component and the options it is run with.
pub struct Called {
    pub scratch: Scratch,
    program: std::path::PathBuf,
}

impl Called {
    pub fn new(interface: &Interface, name: &str) -> Self {
        let scratch = Scratch::new();
        let program = compiled(&scratch, "program", interface.forwarding(name));
        Self { scratch, program }
    }

    /// What a function prints, and what is on stderr.
    pub fn call(&self, options: &[&str], function: &str, args: &[&str]) -> (String, String) {
        let mut command = Command::new(ENGINE);
        command.arg("run").args(options).args(["--entrypoint", function]);
        let output = command
            .arg(&self.program)
            .args(["--", "guest"])
            .args(args)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    }
}

/// A guest of `serve` that calls one function.
pub fn request(serve: &Serve, program: &str, function: &str, args: &[&str]) -> wire::CreateRequest {
    let mut request = serve.request(program);
    request.entrypoint = function.to_owned();
    request.args.extend(args.iter().map(|a| (*a).to_owned()));
    request
}

/// Runs it, and gives what it printed and what is on stderr.
pub async fn answer(serve: &Serve, mut request: wire::CreateRequest) -> (String, String) {
    let (out, err) = serve.with_files(&mut request);
    serve.finish(&request).await;
    (fs::read_to_string(out).unwrap(), fs::read_to_string(err).unwrap())
}
