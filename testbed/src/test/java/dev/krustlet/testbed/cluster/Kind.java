package dev.krustlet.testbed.cluster;

import java.util.List;

/// The two kinds of container that pods of class `krustlet` have, and how each is made to do the
/// same thing: a `command`, in YAML.
enum Kind {
  WASM,
  NATIVE;

  /// Goes on until it is told to end by SIGTERM, and ends with 143 then.
  String idle() {
    return switch (this) {
      case WASM -> "[/counter.wasm]";
      case NATIVE ->
          shell(
              "trap 'exit 143' TERM; i=1; "
                  + "while echo $i; do i=$((i+1)); busybox sleep 1 & wait $!; done");
    };
  }

  /// Ends at once.
  String end(int status) {
    return switch (this) {
      case WASM -> "[/hello.wasm, --exit, \"%d\"]".formatted(status);
      case NATIVE -> shell("echo hello from native; exit %d".formatted(status));
    };
  }

  /// Says its environment.
  String environment() {
    return switch (this) {
      case WASM -> "[/hello.wasm]";
      case NATIVE -> shell("for i in $(busybox env); do echo env $i; done");
    };
  }

  /// Says the first line of a file and appends it to another.
  String append(String from, String to) {
    return switch (this) {
      case WASM -> "[/files.wasm, %s, %s]".formatted(from, to);
      case NATIVE -> shell(appending(from, to).getLast());
    };
  }

  /// The same as [#append], as words for `kubectl exec`.
  List<String> appending(String from, String to) {
    return switch (this) {
      case WASM -> List.of("/files.wasm", from, to);
      case NATIVE ->
          List.of(
              "/bin/sh",
              "-c",
              "x=$(busybox head -n 1 %1$s) && echo read %1$s: $x && echo $x >>%2$s"
                  .formatted(from, to));
    };
  }

  /// Answers GET / at port 8080.
  String web() {
    return switch (this) {
      case WASM -> "[/web.wasm]";
      case NATIVE ->
          shell(
              "trap 'exit 143' TERM; busybox mkdir -p /tmp/w; echo hello, world >/tmp/w/index.html; "
                  + "busybox httpd -f -vv -p 8080 -h /tmp/w & wait");
    };
  }

  static String shell(String script) {
    return "[/bin/sh, -c, \"%s\"]".formatted(script.replace("\\", "\\\\").replace("\"", "\\\""));
  }

  /// In the names of objects.
  String lower() {
    return this == WASM ? "wasm" : "native";
  }
}
