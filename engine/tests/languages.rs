//! The same program in other languages, built by `scripts/languages.sh`, by both ways that guests are run.
//!
//! `KRUSTLET_LANGUAGES` names those that run; the others are skipped, for some take half a minute to compile.

mod common;

use common::{ENGINE, Scratch, Serve, is_root};
use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;

const USER: u32 = 1000;
const STATUS: u32 = 7;

/// The module of a language, if it is to run.
fn module(language: &str) -> Option<Vec<u8>> {
    let named = std::env::var("KRUSTLET_LANGUAGES").unwrap_or_default();
    if !named.split_whitespace().any(|name| name == language) {
        eprintln!("skipped: KRUSTLET_LANGUAGES does not name {language}; see scripts/languages.sh");
        return None;
    }
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.cache/languages");
    let path = directory.join(format!("{language}.wasm"));
    Some(fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
}

/// Puts what the program reads into its root.
fn furnish(root: &Path) {
    fs::write(root.join("in"), "content").unwrap();
    if is_root() {
        for path in [root.to_owned(), root.join("in")] {
            chown(path, Some(USER), Some(USER)).unwrap();
        }
    }
}

fn assert_did_its_work(language: &str, root: &Path, out: &str, err: &str) {
    assert_eq!(
        out,
        format!("hello from {language}\none|two words\na=b\ncontent\n"),
        "{err}"
    );
    assert_eq!(err, "bye\n");
    assert_eq!(fs::read_to_string(root.join("out")).unwrap(), "content");
}

/// `krustlet-engine run`, as whoever runs the test.
fn run(language: &str, compiled: &str) {
    let scratch = Scratch::new();
    let root = scratch.path("root");
    furnish(&root);
    let output = Command::new(ENGINE)
        .args(["run", "--env", "NAME=a=b", "--dir", &format!("{}:/", root.display())])
        .args([compiled, "--", language, "one", "two words"])
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(STATUS as i32), "{out} {err}");
    assert_did_its_work(language, &root, &out, &err);
}

/// In the box of `serve`, as a user of a container.
async fn in_both(language: &str) {
    let Some(module) = module(language) else { return };
    let serve = Serve::start().await;
    let root = serve.scratch.path("root");
    furnish(&root);
    let mut request = serve.request(module);
    request.args = [language, "one", "two words"].map(str::to_owned).to_vec();
    request.env = vec!["NAME=a=b".into()];
    if is_root() {
        let user = request.user.mut_or_insert_default();
        (user.uid, user.gid) = (USER, USER);
    }
    run(language, &request.compiled_path);
    let (out, err) = serve.with_files(&mut request);
    let exit = serve.finish(&request).await;
    let (out, err) = (fs::read_to_string(out).unwrap(), fs::read_to_string(err).unwrap());
    assert_eq!(exit.exit_status, STATUS, "{} {out} {err}", exit.cause);
    assert_did_its_work(language, &root, &out, &err);
}

#[tokio::test]
async fn c_on_wasi_libc_runs() {
    in_both("c").await;
}

#[tokio::test]
async fn go_for_wasip1_runs() {
    in_both("go").await;
}

#[tokio::test]
async fn javascript_by_componentize_js_runs() {
    in_both("javascript").await;
}

#[tokio::test]
async fn python_by_componentize_py_runs() {
    in_both("python").await;
}
