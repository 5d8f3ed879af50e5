//! `wasi:config`.

use crate::common::{Namespace, Serve, code_of, display, is_root, mkfifo};
use crate::forwarding::{Called, Function, Interface, answer, request};
use krustlet_engine::proto::engine as wire;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use ttrpc::Code;

const STORE: Interface = Interface {
    types: r#"(type $e (variant (case "upstream" string) (case "io" string)))
        (export "error" (type $error (eq $e)))"#,
    named: &["error"],
    functions: &[
        Function {
            name: "get",
            kind: r#"(param "key" string) (result (result (option string) (error $error)))"#,
            flat: 2,
            answers: true,
        },
        Function {
            name: "get-all",
            kind: "(result (result (list (tuple string string)) (error $error)))",
            flat: 0,
            answers: true,
        },
    ],
};
const NAME: &str = "wasi:config/store@0.2.0-rc.1";

/// A ConfigMap's volume as the kubelet makes it: the files are links to a directory that is exchanged as a whole.
fn config_map(directory: &Path, generation: &str, values: &[(&str, &str)]) {
    let data = directory.join(format!("..{generation}"));
    fs::create_dir_all(&data).unwrap();
    for (key, value) in values {
        fs::write(data.join(key), value).unwrap();
        let _ = symlink(format!("..data/{key}"), directory.join(key));
    }
    symlink(format!("..{generation}"), directory.join("..next")).unwrap();
    fs::rename(directory.join("..next"), directory.join("..data")).unwrap();
}

#[test]
fn values_are_those_of_the_environment_under_each_name_of_the_interface() {
    for name in [NAME, "wasi:config/store@0.2.0-draft", "wasi:config/runtime@0.2.0-draft"] {
        let guest = Called::new(&STORE, name);
        let environment = ["--env", "B=x=y", "--env", "A=", "--env", "žluť=ano"];
        let get = |key: &str| guest.call(&environment, "get", &[key]).0;
        assert_eq!(get("B"), "ok(some(\"x=y\"))\n");
        assert_eq!(get("A"), "ok(some(\"\"))\n");
        assert_eq!(get("žluť"), "ok(some(\"ano\"))\n");
        assert_eq!(get("b"), "ok(none)\n");
        assert_eq!(get(""), "ok(none)\n");
        let all = guest.call(&environment, "get-all", &[]).0;
        assert_eq!(all, "ok([(\"A\", \"\"), (\"B\", \"x=y\"), (\"žluť\", \"ano\")])\n");
        assert_eq!(guest.call(&[], "get-all", &[]).0, "ok([])\n");
    }
}

fn with_directories(serve: &Serve, function: &str, args: &[&str]) -> wire::CreateRequest {
    let mut request = request(serve, &STORE.forwarding(NAME), function, args);
    request.env = vec!["color=green".to_owned(), "size=9".to_owned()];
    let directories = ["/etc/one", "/etc/two/"].map(str::to_owned).to_vec();
    request.interfaces.mut_or_insert_default().config_directories = directories;
    request
}

async fn get(serve: &Serve, key: &str) -> String {
    answer(serve, with_directories(serve, "get", &[key])).await.0
}

fn directories(serve: &Serve) -> [std::path::PathBuf; 2] {
    ["one", "two"].map(|name| {
        let directory = serve.scratch.path("root/etc").join(name);
        fs::create_dir_all(&directory).unwrap();
        directory
    })
}

#[tokio::test]
async fn the_first_directory_that_has_a_key_counts_and_then_the_environment() {
    let serve = Serve::start().await;
    let [one, two] = directories(&serve);
    config_map(&one, "2026_1", &[("color", "red")]);
    config_map(&two, "2026_1", &[("color", "blue"), ("shape", "round\n")]);
    assert_eq!(get(&serve, "color").await, "ok(some(\"red\"))\n");
    assert_eq!(get(&serve, "shape").await, "ok(some(\"round\\n\"))\n");
    assert_eq!(get(&serve, "size").await, "ok(some(\"9\"))\n");
    assert_eq!(get(&serve, "weight").await, "ok(none)\n");
    let all = answer(&serve, with_directories(&serve, "get-all", &[])).await.0;
    assert_eq!(
        all,
        "ok([(\"color\", \"red\"), (\"shape\", \"round\\n\"), (\"size\", \"9\")])\n"
    );
}

#[tokio::test]
async fn what_the_kubelet_exchanges_is_read_anew() {
    let serve = Serve::start().await;
    let [one, _] = directories(&serve);
    config_map(&one, "2026_1", &[("color", "red")]);
    let waiting = with_directories(&serve, "get", &["color"]);
    let mut late = waiting.clone();
    let (out, _) = serve.with_files(&mut late);
    serve.create(&late).await.unwrap();
    config_map(&one, "2026_2", &[("color", "white")]);
    serve.start_guest(&late.id).await.unwrap();
    serve.next_exit().await;
    assert_eq!(fs::read_to_string(out).unwrap(), "ok(some(\"white\"))\n");
}

#[tokio::test]
async fn no_key_leads_out_of_its_directory() {
    let serve = Serve::start().await;
    let [one, _] = directories(&serve);
    fs::write(serve.scratch.path("secret"), "outside the root").unwrap();
    fs::write(serve.scratch.path("root/etc/beside"), "outside the directory").unwrap();
    symlink("../beside", one.join("up")).unwrap();
    symlink("/etc/beside", one.join("absolute")).unwrap();
    symlink(serve.scratch.path("secret"), one.join("node")).unwrap();
    symlink("/proc/self/environ", one.join("proc")).unwrap();
    symlink("loop", one.join("loop")).unwrap();
    for key in ["up", "absolute", "node", "proc", "loop"] {
        let text = get(&serve, key).await;
        assert!(text.starts_with(&format!("err(io(\"/etc/one/{key}: ")), "{key}: {text}");
    }
    for key in ["../beside", "..", ".", "/etc/beside", "a/b", "..data", "x\0y"] {
        assert_eq!(get(&serve, key).await, "ok(none)\n", "{key}");
    }
    assert_eq!(get(&serve, &"k".repeat(256)).await, "ok(none)\n");
}

#[tokio::test]
async fn what_is_no_text_too_large_or_no_file_is_no_value() {
    let serve = Serve::start().await;
    let [one, _] = directories(&serve);
    fs::write(one.join("bytes"), [0xff, 0xfe]).unwrap();
    fs::write(one.join("large"), vec![b'x'; (2 << 20) + 1]).unwrap();
    fs::create_dir(one.join("directory")).unwrap();
    mkfifo(&one.join("fifo"));
    assert_eq!(
        get(&serve, "bytes").await,
        "err(upstream(\"/etc/one/bytes: not text in UTF-8\"))\n"
    );
    assert_eq!(
        get(&serve, "large").await,
        "err(upstream(\"/etc/one/large: more than 2097152 bytes\"))\n"
    );
    assert_eq!(get(&serve, "directory").await, "ok(none)\n");
    assert_eq!(get(&serve, "fifo").await, "ok(none)\n");
    let all = answer(&serve, with_directories(&serve, "get-all", &[])).await.0;
    assert!(all.starts_with("err(upstream(\"/etc/one/"), "{all}");
}

#[tokio::test]
async fn a_directory_of_very_many_files_is_not_listed() {
    let serve = Serve::start().await;
    let [one, _] = directories(&serve);
    (0..1025).for_each(|n| fs::write(one.join(format!("k{n}")), "v").unwrap());
    let all = answer(&serve, with_directories(&serve, "get-all", &[])).await.0;
    assert_eq!(all, "err(upstream(\"/etc/one: more than 1024 files\"))\n");
    fs::remove_file(one.join("k0")).unwrap();
    let all = answer(&serve, with_directories(&serve, "get-all", &[])).await.0;
    assert!(all.starts_with("ok([(\"color\", \"green\"), (\"k1\", \"v\")"), "{all}");
}

#[tokio::test]
async fn files_are_read_as_the_user_of_the_container_and_in_the_box() {
    if !is_root() {
        return;
    }
    let serve = Serve::start().await;
    let [one, _] = directories(&serve);
    fs::write(one.join("open"), "1").unwrap();
    fs::write(one.join("closed"), "2").unwrap();
    fs::set_permissions(one.join("closed"), PermissionsExt::from_mode(0o600)).unwrap();
    let namespace = Namespace::new();
    for (key, text) in [
        ("open", "ok(some(\"1\"))\n"),
        (
            "closed",
            "err(io(\"/etc/one/closed: Permission denied (os error 13)\"))\n",
        ),
    ] {
        let mut request = with_directories(&serve, "get", &[key]);
        request.network_namespace = namespace
            .as_ref()
            .map_or(String::new(), |n| format!("/run/netns/{}", n.0));
        let mut user = wire::User::new();
        (user.uid, user.gid) = (1000, 1000);
        request.user = Some(user).into();
        assert_eq!(answer(&serve, request).await.0, text);
    }
}

#[tokio::test]
async fn an_exec_has_the_directories_of_its_container_and_its_own_environment() {
    let serve = Serve::start().await;
    let [one, _] = directories(&serve);
    config_map(&one, "2026_1", &[("color", "red")]);
    let mut first = with_directories(&serve, "", &[]);
    let running = serve.request(crate::common::guest("", "(loop (br 0))"));
    first.compiled_path.clone_from(&running.compiled_path);
    serve.launch(&first).await;
    for (key, text) in [("color", "ok(some(\"red\"))\n"), ("size", "ok(some(\"own\"))\n")] {
        let mut exec = request(&serve, &STORE.forwarding(NAME), "get", &[key]);
        exec.container.clone_from(&first.id);
        exec.env = vec!["size=own".to_owned()];
        assert_eq!(answer(&serve, exec).await.0, text);
    }
    assert_eq!(serve.end(&first.id, 9).await.exit_status, 137);
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_named_before_the_guest_starts() {
    let serve = Serve::start().await;
    directories(&serve);
    fs::remove_dir(serve.scratch.path("root/etc/two")).unwrap();
    let refused = serve
        .create(&with_directories(&serve, "get", &["x"]))
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("configuration directory /etc/two/: "),
        "{refused}"
    );
    assert_eq!(code_of(refused), Code::INVALID_ARGUMENT);
}

#[test]
fn run_takes_directories_as_the_guest_sees_them() {
    let guest = Called::new(&STORE, NAME);
    let root = guest.scratch.path("root");
    fs::write(root.join("color"), "red").unwrap();
    let mapping = format!("{}:/config:ro", display(&root));
    let options = ["--dir", &mapping, "--config-dir", "/config", "--env", "color=green"];
    assert_eq!(guest.call(&options, "get", &["color"]).0, "ok(some(\"red\"))\n");
    let missing = guest.call(&["--config-dir", "/config"], "get", &["color"]);
    assert!(
        missing.1.contains("configuration directory /config: no such directory"),
        "{missing:?}"
    );
}
