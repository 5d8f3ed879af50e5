package dev.krustlet.testbed.cluster;

import dev.krustlet.testbed.Guests;

/// Texts of objects, of which the tests write only what they are about.
final class Manifests {
  static final String IMAGE = "localhost/guests:1";

  private Manifests() {}

  /// A pod of class `krustlet` that ends soon when it is told to.
  ///
  /// @param spec what else its specification has
  static String pod(String name, String spec) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s, labels: {case: "%1$s"}}
    spec:
      runtimeClassName: krustlet
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 30
    """
            .formatted(name)
        + spec.strip().indent(2);
  }

  /// A pod whose only container, `app`, is not started again when it ends.
  ///
  /// @param command as a YAML list
  /// @param rest what else its container has
  static String once(String name, String command, String rest) {
    return pod(name, "restartPolicy: Never\ncontainers:\n" + container("app", command, rest));
  }

  /// A pod whose only container, `app`, is started again.
  static String server(String name, String command, String rest) {
    return pod(name, "containers:\n" + container("app", command, rest));
  }

  /// An item of a list of containers.
  static String container(String name, String command, String rest) {
    return "- name: %s\n  image: %s\n  command: %s\n".formatted(name, Guests.IMAGE, command)
        + rest.strip().indent(2);
  }
}
