package dev.krustlet.testbed.faults;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/// What a process is to do.
///
/// @param expected all that it prints; empty if it never ends by itself
/// @param status how it ends by itself
record Workload(Kind kind, List<String> command, String expected, int status) {
  private static final int NEVER = -1;

  static Workload endless(Kind kind, List<String> command) {
    return new Workload(kind, command, "", NEVER);
  }

  static Workload any(Random random) {
    Kind kind = random.nextInt(3) == 0 ? Kind.NATIVE : Kind.WASM;
    return switch (random.nextInt(5)) {
      case 0 -> kind.counting(1 + random.nextInt(20_000));
      case 1 -> kind.ending(random.nextInt(100));
      default -> kind.endless();
    };
  }

  boolean isEndless() {
    return status == NEVER;
  }

  /// Whether so much of the output may be what a process printed that did not come to its end.
  boolean beginsWith(String output) {
    if (!isEndless()) {
      return expected.startsWith(output);
    }
    var numbers = new StringBuilder(output.length() + 10);
    for (int i = 1; numbers.length() < output.length(); i++) {
      numbers.append(i).append('\n');
    }
    return numbers.toString().startsWith(output);
  }

  /// The `process` of an OCI spec.
  String process() {
    String words =
        command.stream().map(word -> "\"" + word + "\"").collect(Collectors.joining(","));
    return """
    {"user":{"uid":0,"gid":0},"args":[%s],"env":["PATH=/bin"],"cwd":"/","noNewPrivileges":true,
    "capabilities":{"bounding":["CAP_KILL"],"effective":["CAP_KILL"],"permitted":["CAP_KILL"]}}
    """
        .formatted(words);
  }

  /// The OCI spec of a container.
  ///
  /// @param cgroup its absolute path
  String spec(String cgroup) {
    return """
    {"ociVersion":"1.0.2","process":%s,"root":{"path":"rootfs"},"hostname":"faults",
    "mounts":[
      {"destination":"/proc","type":"proc","source":"proc","options":["nosuid","noexec","nodev"]},
      {"destination":"/dev","type":"tmpfs","source":"tmpfs",
       "options":["nosuid","strictatime","mode=755","size=65536k"]},
      {"destination":"/tmp","type":"tmpfs","source":"tmpfs","options":["nosuid","nodev"]}],
    "linux":{"cgroupsPath":"%s","resources":{"devices":[{"allow":false,"access":"rwm"}]},
    "namespaces":[{"type":"pid"},{"type":"ipc"},{"type":"uts"},{"type":"mount"},
      {"type":"network"}]}}
    """
        .formatted(process(), cgroup);
  }
}
