package dev.krustlet.testbed.pods;

import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.proto.cri.v1.ContainerStats;
import dev.krustlet.proto.cri.v1.ContainerStatsFilter;
import dev.krustlet.proto.cri.v1.CreateContainerRequest;
import dev.krustlet.proto.cri.v1.ListContainerStatsRequest;
import dev.krustlet.proto.cri.v1.PodSandboxConfig;
import dev.krustlet.proto.cri.v1.PodSandboxStatus;
import dev.krustlet.proto.cri.v1.PodSandboxStatusRequest;
import dev.krustlet.proto.cri.v1.RemovePodSandboxRequest;
import dev.krustlet.proto.cri.v1.StopPodSandboxRequest;
import dev.krustlet.testbed.cri.CriCalls;
import dev.krustlet.testbed.cri.CriClient;
import dev.krustlet.testbed.cri.CriException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// A pod that runs: its network and its pause container, and what is started in it.
public final class Pod {
  private final CriClient cri;
  private final PodSandboxConfig config;
  private final String id;

  Pod(CriClient cri, PodSandboxConfig config, String id) {
    this.cri = cri;
    this.config = config;
    this.id = id;
  }

  public String id() {
    return id;
  }

  public PodSandboxStatus status() throws CriException {
    var question = PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build();
    return cri.call(CriCalls.POD_SANDBOX_STATUS, question).getStatus();
  }

  /// What a container is to be; callers add mounts, limits and a user to it.
  ///
  /// @param command all of it, whatever the image says
  public static ContainerConfig.Builder container(String name, String image, String... command) {
    var config = ContainerConfig.newBuilder().addAllCommand(Arrays.asList(command));
    config.getMetadataBuilder().setName(name);
    config.getImageBuilder().setImage(image);
    return config.setLogPath(name + ".log");
  }

  /// Makes a container and does not start it.
  public PodContainer create(ContainerConfig.Builder container) throws CriException {
    var answer =
        cri.call(
            CriCalls.CREATE_CONTAINER,
            CreateContainerRequest.newBuilder()
                .setPodSandboxId(id)
                .setConfig(container)
                .setSandboxConfig(config)
                .build());
    Path log = Path.of(config.getLogDirectory(), container.getLogPath());
    return new PodContainer(cri, answer.getContainerId(), log);
  }

  /// Makes a container and starts it.
  public PodContainer start(ContainerConfig.Builder container) throws CriException {
    return create(container).start();
  }

  /// Makes a container that wants nothing but its command, and starts it.
  public PodContainer start(String name, String image, String... command) throws CriException {
    return start(container(name, image, command));
  }

  /// The figures of all its containers.
  public List<ContainerStats> stats() throws CriException {
    var filter = ContainerStatsFilter.newBuilder().setPodSandboxId(id);
    var question = ListContainerStatsRequest.newBuilder().setFilter(filter).build();
    return cri.call(CriCalls.LIST_CONTAINER_STATS, question).getStatsList();
  }

  /// Kills all that runs in it and takes its network down.
  public void stop() throws CriException {
    cri.call(
        CriCalls.STOP_POD_SANDBOX, StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  /// Removes it with all its containers; a pod that runs is stopped.
  public void remove() throws CriException {
    cri.call(
        CriCalls.REMOVE_POD_SANDBOX,
        RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }
}
