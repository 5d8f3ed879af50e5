package dev.krustlet.testbed;

import java.io.IOException;
import java.util.Map;

/// A private containerd that serves CRI, with handlers `krustlet` and `runc`, and the network of
/// its pods.
public record PodContainerd(PrivateContainerd containerd, CniNetwork network)
    implements AutoCloseable {
  /// The image that the first container of each pod is made of. It has to be imported.
  public static final String PAUSE = ContainerdConfig.PAUSE;

  /// Starts one and waits until it answers.
  ///
  /// @param extra variables of containerd's environment, which its shims inherit
  public static PodContainerd start(Installation installation, Map<String, String> extra)
      throws IOException, InterruptedException {
    Bed bed = Bed.make();
    CniNetwork network = CniNetwork.make(bed);
    try {
      var config = ContainerdConfig.withPods(bed, network, installation.configVersion());
      return new PodContainerd(PrivateContainerd.start(bed, installation, config, extra), network);
    } catch (IOException | InterruptedException | RuntimeException e) {
      network.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try (network) {
      containerd.close();
    }
  }
}
