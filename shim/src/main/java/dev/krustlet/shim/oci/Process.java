package dev.krustlet.shim.oci;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
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
  /// The kernel's MAX_ARG_STRLEN without the closing zero.
  private static final int MAX_STRING = (128 << 10) - 1;

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
    this.args = bounded("args", Absent.list(args));
    this.env = bounded("env", Absent.list(env));
    this.cwd = cwd == null || cwd.isEmpty() ? "/" : cwd;
    this.capabilities = capabilities == null ? Capabilities.NONE : capabilities;
    this.rlimits = Absent.list(rlimits);
    this.noNewPrivileges = noNewPrivileges;
    this.oomScoreAdj = oomScoreAdj;
  }

  private static List<String> bounded(String field, List<String> strings) {
    for (int i = 0; i < strings.size(); i++) {
      int bytes = bytes(strings.get(i));
      if (bytes > MAX_STRING) {
        throw new IllegalArgumentException(
            "%s[%d] has %d bytes, and Linux starts nothing with more than %d in one; shorten it"
                .formatted(field, i, bytes, MAX_STRING));
      }
    }
    return strings;
  }

  /// What its arguments and environment take together, as the kernel counts them.
  public long argumentBytes() {
    return Stream.concat(args.stream(), env.stream())
        .mapToLong(each -> bytes(each) + 1L + Long.BYTES)
        .sum();
  }

  private static int bytes(String string) {
    return string.getBytes(StandardCharsets.UTF_8).length;
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
