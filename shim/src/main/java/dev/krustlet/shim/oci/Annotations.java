package dev.krustlet.shim.oci;

import java.util.Optional;

/// What the kubelet's runtime (CRI) tells of a container by annotations of its spec.
public final class Annotations {
  private static final String PREFIX = "io.kubernetes.cri.";

  private Annotations() {}

  /// Whether it is a pod's sandbox (its pause container).
  public static boolean isSandbox(Spec spec) {
    return value(spec, "container-type").filter("sandbox"::equals).isPresent();
  }

  /// The id of the pod's sandbox; a container outside Kubernetes has none.
  public static Optional<String> sandboxId(Spec spec) {
    return value(spec, "sandbox-id");
  }

  /// The pod's name.
  public static Optional<String> sandboxName(Spec spec) {
    return value(spec, "sandbox-name");
  }

  /// The container's name in its pod.
  public static Optional<String> containerName(Spec spec) {
    return value(spec, "container-name");
  }

  private static Optional<String> value(Spec spec, String name) {
    return Optional.ofNullable(spec.annotations().get(PREFIX + name)).filter(v -> !v.isEmpty());
  }
}
