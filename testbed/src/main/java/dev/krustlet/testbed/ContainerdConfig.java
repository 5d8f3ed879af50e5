package dev.krustlet.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The configuration of a private containerd.
///
/// @param namespace where its containers and images are
/// @param toml the file's text
record ContainerdConfig(String namespace, String toml) {
  /// Of the pause container's image, which there has to be before a pod can run.
  static final String PAUSE = "localhost/pause:1";

  /// The namespace of CRI, which cannot be chosen.
  private static final String CRI_NAMESPACE = "k8s.io";

  /// One that serves containers, and no pods.
  ///
  /// @param version of the configuration
  static ContainerdConfig tasksOnly(Bed bed, int version) {
    return new ContainerdConfig(bed.name(), head(bed, version, "\"io.containerd.grpc.v1.cri\""));
  }

  /// One that serves CRI with the handlers `krustlet` and `runc`.
  ///
  /// @param version of the configuration
  static ContainerdConfig withPods(Bed bed, CniNetwork network, int version) throws IOException {
    return new ContainerdConfig(
        CRI_NAMESPACE, version < 3 ? version2(bed, network) : version3And4(bed, network, version));
  }

  /// The same that also tells Prometheus of its containers, on a port of loopback.
  ///
  /// @param version of the configuration
  static ContainerdConfig tasksAndMetrics(Bed bed, int version, int port) {
    var tasks = tasksOnly(bed, version);
    String metrics =
        "[%s]\n  address = \"127.0.0.1:%d\"\n".formatted(server(version, "metrics"), port);
    return new ContainerdConfig(tasks.namespace(), tasks.toml() + metrics);
  }

  private static String head(Bed bed, int version, String disabled) {
    return """
    version = %2$d
    root = "%1$s/r"
    state = "%1$s/s"
    disabled_plugins = [%3$s]
    [%4$s]
      address = "%1$s/c.sock"
    [%5$s]
      address = "%1$s/c.sock.ttrpc"
    """
        .formatted(
            bed.path(), version, disabled, server(version, "grpc"), server(version, "ttrpc"));
  }

  /// The table of something that containerd serves.
  private static String server(int version, String name) {
    return version < 4 ? name : "plugins.\"io.containerd.server.v1.%s\"".formatted(name);
  }

  private static String version2(Bed bed, CniNetwork network) throws IOException {
    Path options = bed.path().resolve("options.toml");
    Files.writeString(options, options(bed));
    return head(bed, 2, "")
        + """
        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "%1$s"
          disable_apparmor = true
          restrict_oom_score_adj = true
          netns_mounts_under_state_dir = true
          [plugins."io.containerd.grpc.v1.cri".cni]
            bin_dir = "%2$s"
            conf_dir = "%3$s"
          [plugins."io.containerd.grpc.v1.cri".containerd]
            snapshotter = "%4$s"
            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.krustlet]
              runtime_type = "%5$s"
              pod_annotations = ["krustlet.dev/*", "alpha.wasi.krustlet.dev/*"]
              container_annotations = ["krustlet.dev/*", "alpha.wasi.krustlet.dev/*"]
              [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.krustlet.options]
                ConfigPath = "%6$s"
            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
              runtime_type = "io.containerd.runc.v2"
              [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
                %7$s
        """
            .formatted(
                PAUSE,
                CniNetwork.PLUGINS,
                network.configurations(),
                snapshotter(bed),
                PrivateContainerd.RUNTIME,
                options,
                options(bed));
  }

  private static String version3And4(Bed bed, CniNetwork network, int version) throws IOException {
    return head(bed, version, "")
        + """
        [plugins."io.containerd.nri.v1.nri"]
          disable = true
        [plugins."io.containerd.cri.v1.images"]
          snapshotter = "%4$s"
          [plugins."io.containerd.cri.v1.images".pinned_images]
            sandbox = "%1$s"
        [plugins."io.containerd.cri.v1.runtime"]
          disable_apparmor = true
          restrict_oom_score_adj = true
          netns_mounts_under_state_dir = true
          [plugins."io.containerd.cri.v1.runtime".cni]
            bin_dirs = ["%2$s"]
            conf_dir = "%3$s"
          [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.krustlet]
            runtime_type = "%5$s"
            pod_annotations = ["krustlet.dev/*", "alpha.wasi.krustlet.dev/*"]
            container_annotations = ["krustlet.dev/*", "alpha.wasi.krustlet.dev/*"]
            [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.krustlet.options]
              %6$s
          [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
            runtime_type = "io.containerd.runc.v2"
            [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
              %6$s
        """
            .formatted(
                PAUSE,
                CniNetwork.PLUGINS,
                network.configurations(),
                snapshotter(bed),
                PrivateContainerd.RUNTIME,
                options(bed));
  }

  /// CRI's namespace is every containerd's, and runc's usual directory names only the namespace.
  private static String options(Bed bed) {
    boolean systemd = CgroupDriver.ofBuild() == CgroupDriver.SYSTEMD;
    return "Root = \"%s\"\nSystemdCgroup = %b".formatted(bed.runtimes(), systemd);
  }

  /// overlayfs cannot lie on itself.
  private static String snapshotter(Bed bed) throws IOException {
    return Files.getFileStore(bed.path()).type().equals("overlay") ? "native" : "overlayfs";
  }
}
