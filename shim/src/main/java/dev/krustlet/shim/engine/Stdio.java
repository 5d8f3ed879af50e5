package dev.krustlet.shim.engine;

/// Where the container's streams go, as containerd names them: a fifo's path, a `file://` or
/// `binary://` URI, or empty for /dev/null.
public record Stdio(String stdin, String stdout, String stderr, boolean terminal) {
  public static final Stdio NONE = new Stdio("", "", "", false);
}
