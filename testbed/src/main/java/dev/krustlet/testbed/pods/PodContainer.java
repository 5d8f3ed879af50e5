package dev.krustlet.testbed.pods;

import dev.krustlet.proto.cri.v1.ContainerState;
import dev.krustlet.proto.cri.v1.ContainerStats;
import dev.krustlet.proto.cri.v1.ContainerStatsRequest;
import dev.krustlet.proto.cri.v1.ContainerStatus;
import dev.krustlet.proto.cri.v1.ContainerStatusRequest;
import dev.krustlet.proto.cri.v1.RemoveContainerRequest;
import dev.krustlet.proto.cri.v1.StartContainerRequest;
import dev.krustlet.proto.cri.v1.StopContainerRequest;
import dev.krustlet.testbed.Await;
import dev.krustlet.testbed.cri.CriCalls;
import dev.krustlet.testbed.cri.CriClient;
import dev.krustlet.testbed.cri.CriException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;

/// A container of a [Pod].
public final class PodContainer {
  private final CriClient cri;
  private final String id;
  private final Path log;

  PodContainer(CriClient cri, String id, Path log) {
    this.cri = cri;
    this.id = id;
    this.log = log;
  }

  public String id() {
    return id;
  }

  /// Starts it.
  public PodContainer start() throws CriException {
    cri.call(
        CriCalls.START_CONTAINER, StartContainerRequest.newBuilder().setContainerId(id).build());
    return this;
  }

  public ContainerStatus status() throws CriException {
    var question = ContainerStatusRequest.newBuilder().setContainerId(id).build();
    return cri.call(CriCalls.CONTAINER_STATUS, question).getStatus();
  }

  public ContainerStats stats() throws CriException {
    var question = ContainerStatsRequest.newBuilder().setContainerId(id).build();
    return cri.call(CriCalls.CONTAINER_STATS, question).getStats();
  }

  public boolean isRunning() throws CriException {
    return status().getState() == ContainerState.CONTAINER_RUNNING;
  }

  public ContainerLog log() throws IOException {
    return ContainerLog.read(log);
  }

  /// Waits until its log is as wished.
  public ContainerLog awaitLog(Duration deadline, Predicate<ContainerLog> wish)
      throws IOException, InterruptedException {
    Await.until("the log " + log, deadline, () -> wish.test(log()));
    return log();
  }

  /// Waits for its end.
  ///
  /// @return its last status, with exit code and times
  public ContainerStatus awaitExit(Duration deadline) throws IOException, InterruptedException {
    Await.until(
        "the end of container " + id,
        deadline,
        () -> status().getState() == ContainerState.CONTAINER_EXITED);
    return status();
  }

  /// Has it end by its stop signal, or by SIGKILL after some seconds.
  public void stop(long seconds) throws CriException {
    cri.call(
        CriCalls.STOP_CONTAINER,
        StopContainerRequest.newBuilder().setContainerId(id).setTimeout(seconds).build());
  }

  /// Removes it; one that runs is killed. Its log stays.
  public void remove() throws CriException {
    cri.call(
        CriCalls.REMOVE_CONTAINER, RemoveContainerRequest.newBuilder().setContainerId(id).build());
  }
}
