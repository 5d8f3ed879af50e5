package dev.krustlet.testbed.pods;

import dev.krustlet.proto.cri.v1.ImageSpec;
import dev.krustlet.proto.cri.v1.ImageStatusRequest;
import dev.krustlet.proto.cri.v1.ListPodSandboxRequest;
import dev.krustlet.proto.cri.v1.PodSandbox;
import dev.krustlet.proto.cri.v1.PodSandboxConfig;
import dev.krustlet.proto.cri.v1.RemovePodSandboxRequest;
import dev.krustlet.proto.cri.v1.RunPodSandboxRequest;
import dev.krustlet.proto.cri.v1.RuntimeCondition;
import dev.krustlet.proto.cri.v1.StatusRequest;
import dev.krustlet.proto.cri.v1.StopPodSandboxRequest;
import dev.krustlet.testbed.Await;
import dev.krustlet.testbed.Bed;
import dev.krustlet.testbed.CniNetwork;
import dev.krustlet.testbed.Finished;
import dev.krustlet.testbed.ImageArchive;
import dev.krustlet.testbed.Installation;
import dev.krustlet.testbed.PodContainerd;
import dev.krustlet.testbed.PrivateContainerd;
import dev.krustlet.testbed.cri.CriCalls;
import dev.krustlet.testbed.cri.CriClient;
import dev.krustlet.testbed.cri.CriException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A node in small: a private containerd that serves CRI, a network for its pods, and what a
/// kubelet does to make a pod there.
public final class Kubelet implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final PodContainerd node;
  private final CriClient cri;

  private Kubelet(PodContainerd node) {
    this.node = node;
    this.cri = CriClient.of(node.containerd().socket());
  }

  /// Starts one and waits until it is ready for pods.
  ///
  /// @param extra variables of containerd's environment, which its shims inherit
  public static Kubelet start(Installation installation, Map<String, String> extra)
      throws IOException, InterruptedException {
    var kubelet = new Kubelet(PodContainerd.start(installation, extra));
    try {
      kubelet.awaitReady();
      kubelet.load(Pause.image(PodContainerd.PAUSE));
    } catch (IOException | InterruptedException | RuntimeException e) {
      kubelet.close();
      throw e;
    }
    return kubelet;
  }

  public PrivateContainerd containerd() {
    return node.containerd();
  }

  public Bed bed() {
    return containerd().bed();
  }

  /// The network of its pods.
  public CniNetwork network() {
    return node.network();
  }

  public CriClient cri() {
    return cri;
  }

  /// Waits until containerd says that runtime and network are ready.
  public void awaitReady() throws IOException, InterruptedException {
    Await.until("a node that is ready, see " + bed().outputs(), DEADLINE, this::isReady);
  }

  private boolean isReady() {
    try {
      var answer = cri.call(CriCalls.STATUS, StatusRequest.getDefaultInstance());
      return answer.getStatus().getConditionsList().stream()
          .filter(condition -> condition.getType().endsWith("Ready")) // of the runtime, the network
          .allMatch(RuntimeCondition::getStatus);
    } catch (CriException _) {
      return false; // it listens before it has found its containers again
    }
  }

  /// Gives the node an image.
  public void load(ImageArchive image) throws IOException, InterruptedException {
    Path archive = Files.createTempFile(bed().outputs(), "image", ".tar");
    Files.write(archive, image.build());
    Finished imported = containerd().ctr("images", "import", archive.toString());
    Files.delete(archive);
    if (imported.status() != 0) {
      throw new IOException("ctr images import: " + imported.err());
    }
    Await.until("the image " + image.name(), DEADLINE, () -> hasImage(image.name()));
  }

  private boolean hasImage(String name) throws CriException {
    var spec = ImageSpec.newBuilder().setImage(name);
    var question = ImageStatusRequest.newBuilder().setImage(spec).build();
    return cri.call(CriCalls.IMAGE_STATUS, question).hasImage();
  }

  /// Runs a pod that has no containers yet.
  ///
  /// @param name unique among the pods of the node
  /// @param handler `krustlet` or `runc`
  public Pod run(String name, String handler) throws IOException {
    return run(name, handler, Map.of());
  }

  /// Runs a pod that has annotations and no containers yet.
  public Pod run(String name, String handler, Map<String, String> annotations) throws IOException {
    return run(name, handler, PodSandboxConfig.newBuilder().putAllAnnotations(annotations));
  }

  /// Runs a pod that has no containers yet.
  ///
  /// @param config what it wants beside a name and a log directory; without a cgroup it has the
  ///   bed's
  public Pod run(String name, String handler, PodSandboxConfig.Builder config) throws IOException {
    Path logs = Files.createDirectories(bed().path().resolve("pods").resolve(name));
    config.setHostname(name).setLogDirectory(logs.toString());
    config.getMetadataBuilder().setName(name).setUid(name).setNamespace("default");
    if (config.getLinux().getCgroupParent().isEmpty()) {
      config.getLinuxBuilder().setCgroupParent(bed().cgroupParent());
    }
    var question =
        RunPodSandboxRequest.newBuilder().setConfig(config).setRuntimeHandler(handler).build();
    String id = cri.call(CriCalls.RUN_POD_SANDBOX, question).getPodSandboxId();
    return new Pod(cri, config.build(), id);
  }

  /// Every pod there is, also those that have ended.
  public List<PodSandbox> pods() throws CriException {
    return cri.call(CriCalls.LIST_POD_SANDBOX, ListPodSandboxRequest.getDefaultInstance())
        .getItemsList();
  }

  /// Stops and removes all pods.
  public void removePods() throws CriException {
    for (PodSandbox pod : pods()) {
      cri.call(
          CriCalls.STOP_POD_SANDBOX,
          StopPodSandboxRequest.newBuilder().setPodSandboxId(pod.getId()).build());
      cri.call(
          CriCalls.REMOVE_POD_SANDBOX,
          RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod.getId()).build());
    }
  }

  /// What pods leave if somebody forgets it.
  public List<String> traces() throws IOException {
    var found = new ArrayList<>(bed().traces());
    found.addAll(node.network().traces());
    return found;
  }

  /// Takes everything away, whatever state it is in.
  @Override
  public void close() throws IOException {
    cri.close();
    node.close();
  }
}
