package dev.krustlet.shim.oci;

import java.util.Map;
import java.util.Optional;

/// What the kubelet's runtime (CRI) tells of a container by annotations of its spec.
public final class Annotations {
  private static final String PREFIX = "io.kubernetes.cri.";

  private static final String SANDBOX_ID = "sandbox-id";

  private Annotations() {}

  /// Refuses a sandbox's id that is no name of a file: a directory is looked for by it.
  static Map<String, String> checked(Map<String, String> annotations) {
    String id = annotations.getOrDefault(PREFIX + SANDBOX_ID, "");
    if (id.contains("/") || id.equals(".") || id.equals("..")) {
      throw new IllegalArgumentException(
          "annotation %s: '%s' is no id of a sandbox".formatted(PREFIX + SANDBOX_ID, id));
    }
    return annotations;
  }

  /// Whether it is a pod's sandbox (its pause container).
  public static boolean isSandbox(Spec spec) {
    return value(spec, "container-type").filter("sandbox"::equals).isPresent();
  }

  /// The id of the pod's sandbox; a container outside Kubernetes has none.
  public static Optional<String> sandboxId(Spec spec) {
    return value(spec, SANDBOX_ID);
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
