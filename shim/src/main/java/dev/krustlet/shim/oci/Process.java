package dev.krustlet.shim.oci;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The process of a container, or of an exec.
///
/// @param cwd `/` if not given
/// @param oomScoreAdj 0 if not given
@SuppressWarnings("AvoidCommonTypeNames") // the spec's own name
public record Process(
    boolean terminal,
    User user,
    List<String> args,
    List<String> env,
    String cwd,
    Capabilities capabilities,
    List<Rlimit> rlimits,
    boolean noNewPrivileges,
    int oomScoreAdj) {
  public static final Process EMPTY =
      new Process(false, null, null, null, null, null, null, false, 0);

  public Process(
      boolean terminal,
      @Nullable User user,
      @Nullable List<String> args,
      @Nullable List<String> env,
      @Nullable String cwd,
      @Nullable Capabilities capabilities,
      @Nullable List<Rlimit> rlimits,
      boolean noNewPrivileges,
      int oomScoreAdj) {
    this.terminal = terminal;
    this.user = user == null ? User.ROOT : user;
    this.args = Absent.list(args);
    this.env = Absent.list(env);
    this.cwd = cwd == null || cwd.isEmpty() ? "/" : cwd;
    this.capabilities = capabilities == null ? Capabilities.NONE : capabilities;
    this.rlimits = Absent.list(rlimits);
    this.noNewPrivileges = noNewPrivileges;
    this.oomScoreAdj = oomScoreAdj;
  }

  /// A resource limit of the process.
  ///
  /// @param type by name, "RLIMIT_NOFILE"
  /// @param soft what is beyond a long's range, as `unlimited` is, is [Long#MAX_VALUE]
  /// @param hard likewise
  public record Rlimit(String type, long soft, long hard) {
    public Rlimit(@Nullable String type, long soft, long hard) {
      this.type = Absent.string(type);
      this.soft = soft;
      this.hard = hard;
    }
  }
}
