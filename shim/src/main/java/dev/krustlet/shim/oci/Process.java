package dev.krustlet.shim.oci;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The process of a container, or of an exec.
@SuppressWarnings("AvoidCommonTypeNames") // the spec's own name
public record Process(
    boolean terminal,
    User user,
    List<String> args,
    List<String> env,
    String cwd,
    Capabilities capabilities) {
  public static final Process EMPTY = new Process(false, null, null, null, null, null);

  public Process(
      boolean terminal,
      @Nullable User user,
      @Nullable List<String> args,
      @Nullable List<String> env,
      @Nullable String cwd,
      @Nullable Capabilities capabilities) {
    this.terminal = terminal;
    this.user = user == null ? User.ROOT : user;
    this.args = args == null ? List.of() : List.copyOf(args);
    this.env = env == null ? List.of() : List.copyOf(env);
    this.cwd = cwd == null || cwd.isEmpty() ? "/" : cwd;
    this.capabilities = capabilities == null ? Capabilities.NONE : capabilities;
  }
}
