package dev.krustlet.shim.oci;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Programs to run at points of the container's life. Whether there are any decides what an engine
/// can promise.
public record Hooks(
    List<Hook> prestart,
    List<Hook> createRuntime,
    List<Hook> createContainer,
    List<Hook> startContainer,
    List<Hook> poststart,
    List<Hook> poststop) {
  public static final Hooks NONE = new Hooks(null, null, null, null, null, null);

  public Hooks(
      @Nullable List<Hook> prestart,
      @Nullable List<Hook> createRuntime,
      @Nullable List<Hook> createContainer,
      @Nullable List<Hook> startContainer,
      @Nullable List<Hook> poststart,
      @Nullable List<Hook> poststop) {
    this.prestart = Absent.list(prestart);
    this.createRuntime = Absent.list(createRuntime);
    this.createContainer = Absent.list(createContainer);
    this.startContainer = Absent.list(startContainer);
    this.poststart = Absent.list(poststart);
    this.poststop = Absent.list(poststop);
  }

  /// All there are, in the order of the container's life, as messages call them: "prestart
  /// `/bin/hook`".
  public List<String> described() {
    return Stream.of(
            described("prestart", prestart),
            described("createRuntime", createRuntime),
            described("createContainer", createContainer),
            described("startContainer", startContainer),
            described("poststart", poststart),
            described("poststop", poststop))
        .flatMap(each -> each)
        .toList();
  }

  private static Stream<String> described(String point, List<Hook> hooks) {
    return hooks.stream().map(hook -> "%s `%s`".formatted(point, hook.path()));
  }

  /// One program of a hook.
  public record Hook(String path, List<String> args, List<String> env) {
    public Hook(@Nullable String path, @Nullable List<String> args, @Nullable List<String> env) {
      this.path = Absent.string(path);
      this.args = Absent.list(args);
      this.env = Absent.list(env);
    }
  }
}
