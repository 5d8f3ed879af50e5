package dev.krustlet.shim.daemon;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// What the launcher tells the daemon it starts.
///
/// @param containerd containerd's gRPC socket: who this daemon works for, with the namespace
/// @param state where this daemon's record and lock are
/// @param run where its directory of sockets goes
record DaemonArguments(String namespace, Path containerd, Path state, Path run, boolean debug) {
  static DaemonArguments parse(String[] args) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("--debug")) {
        values.put(args[i], "");
      } else if (i + 1 < args.length) {
        values.put(args[i], args[++i]);
      }
    }
    return new DaemonArguments(
        required(values, "--namespace"),
        Path.of(required(values, "--containerd")),
        Path.of(required(values, "--state")),
        Path.of(required(values, "--run")),
        values.containsKey("--debug"));
  }

  private static String required(Map<String, String> values, String flag) {
    String value = values.get(flag);
    if (value == null) {
      throw new IllegalArgumentException("the flag " + flag + " is missing");
    }
    return value;
  }
}
