package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// A private containerd that has the guests' image, and what tests do with it.
record TestNode(PrivateContainerd containerd) implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(20);

  /// @param extra variables of containerd's environment
  static TestNode start(Installation installation, Map<String, String> extra)
      throws IOException, InterruptedException {
    var node = new TestNode(PrivateContainerd.start(installation, extra));
    try {
      Guests.importInto(node.containerd, installation);
    } catch (IOException | InterruptedException e) {
      node.close();
      throw e;
    }
    return node;
  }

  Bed bed() {
    return containerd.bed();
  }

  /// Runs a container to its end and removes it.
  Finished run(String... command) throws IOException, InterruptedException {
    return containerd.run("--rm", Guests.IMAGE, "once", command);
  }

  void detach(String id, String... command) throws IOException, InterruptedException {
    Finished started = containerd.run("--detach", Guests.IMAGE, id, command);
    assertThat(started.status()).as(started.err()).isZero();
  }

  /// Runs ctr, which has to succeed.
  Finished succeed(String... arguments) throws IOException, InterruptedException {
    Finished done = containerd.ctr(arguments);
    assertThat(done.status()).as("%s: %s", Arrays.toString(arguments), done.err()).isZero();
    return done;
  }

  void signal(String id, String signal) throws IOException, InterruptedException {
    succeed("tasks", "kill", "--signal", signal, id);
  }

  /// What `ctr tasks list` calls the task's status; empty if it has no such task.
  Optional<String> status(String id) throws IOException, InterruptedException {
    return succeed("tasks", "list")
        .out()
        .lines()
        .map(line -> line.split(" +", -1))
        .filter(columns -> columns[0].equals(id))
        .map(columns -> columns[2])
        .findFirst();
  }

  void awaitStopped(String id) throws IOException, InterruptedException {
    Await.until("the end of " + id, SOON, () -> status(id).equals(Optional.of("STOPPED")));
  }

  /// Deletes a container whose task has ended with that status.
  void deleteStopped(String id, int status) throws IOException, InterruptedException {
    awaitStopped(id);
    assertThat(succeed("tasks", "delete", id).err()).contains("exit code " + status);
    succeed("containers", "delete", id);
  }

  /// Deletes a container in whatever state.
  void delete(String id) throws IOException, InterruptedException {
    succeed("tasks", "delete", "--force", id);
    succeed("containers", "delete", id);
  }

  /// Ends a process of the bed without a chance to say goodbye.
  ///
  /// @param program a word of its command line that no other has
  void killProgram(String program) throws IOException {
    var pids = bed().processes(program);
    assertThat(pids).as(program).hasSize(1);
    pids.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
  }

  void assertNoContainerIsLeft() throws IOException, InterruptedException {
    assertThat(succeed("containers", "list", "--quiet").out()).isEmpty();
    assertThat(bed().traces()).isEmpty();
  }

  /// Waits for the daemon to leave, and asserts that nothing of it is left either.
  @Override
  public void close() throws IOException {
    try (containerd) {
      containerd.awaitIdle();
      assertThat(bed().traces()).isEmpty();
      assertThat(bed().daemons())
          .satisfiesAnyOf(
              each -> assertThat(each).doesNotExist(), each -> assertThat(each).isEmptyDirectory());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the daemon left", e);
    }
  }
}
