package dev.krustlet.shim.oci;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Programs to run at points of the container's life.
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

  /// All there are, in the order of the container's life.
  public List<Hook> all() {
    return Stream.of(prestart, createRuntime, createContainer, startContainer, poststart, poststop)
        .flatMap(List::stream)
        .toList();
  }

  /// One program of a hook.
  ///
  /// @param args all of them, the program's name for itself being the first
  /// @param timeout in seconds; null where the spec has none
  public record Hook(String path, List<String> args, List<String> env, @Nullable Integer timeout) {
    public Hook(
        @Nullable String path,
        @Nullable List<String> args,
        @Nullable List<String> env,
        @Nullable Integer timeout) {
      this.path = Absent.string(path);
      this.args = Absent.list(args);
      this.env = Absent.list(env);
      this.timeout = timeout;
    }
  }
}
