package dev.krustlet.shim.oci;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The spec's hooks, named only: whether there are any decides what an engine can promise.
public record Hooks(
    List<Object> prestart,
    List<Object> createRuntime,
    List<Object> createContainer,
    List<Object> startContainer,
    List<Object> poststart,
    List<Object> poststop) {
  public static final Hooks NONE = new Hooks(null, null, null, null, null, null);

  public Hooks(
      @Nullable List<Object> prestart,
      @Nullable List<Object> createRuntime,
      @Nullable List<Object> createContainer,
      @Nullable List<Object> startContainer,
      @Nullable List<Object> poststart,
      @Nullable List<Object> poststop) {
    this.prestart = prestart == null ? List.of() : prestart;
    this.createRuntime = createRuntime == null ? List.of() : createRuntime;
    this.createContainer = createContainer == null ? List.of() : createContainer;
    this.startContainer = startContainer == null ? List.of() : startContainer;
    this.poststart = poststart == null ? List.of() : poststart;
    this.poststop = poststop == null ? List.of() : poststop;
  }
}
