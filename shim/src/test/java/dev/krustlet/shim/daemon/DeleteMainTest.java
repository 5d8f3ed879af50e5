package dev.krustlet.shim.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.proto.task.v2.DeleteResponse;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.rpc.CgroupVersion;
import dev.krustlet.shim.rpc.TaskApi;
import dev.krustlet.shim.task.FakeEngine;
import dev.krustlet.shim.task.TaskService;
import dev.krustlet.ttrpc.TtrpcServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `delete` while the daemon lives, with containers that end when the test says so.
@Timeout(60)
final class DeleteMainTest {
  @TempDir private Path directory;
  private final FakeEngine engine = new FakeEngine();
  private final TaskService tasks =
      new TaskService(engine, _ -> {}, (_, _, _, _) -> {}, Clock.systemUTC());
  private TtrpcServer server;

  @BeforeEach
  void serve() throws IOException {
    var builder = TtrpcServer.builder();
    TaskApi.services(tasks, "k8s.io", CgroupVersion.V1, 4711).forEach(builder::service);
    server = builder.listen(directory.resolve("s"));
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private void run(String id) throws TaskException, InterruptedException {
    tasks.create(FakeEngine.request(id, directory));
    tasks.process(id, "").start();
  }

  private Process delete(String id) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.krustlet.shim.daemon.DeleteMain",
            directory.resolve("s").toString(),
            id)
        .redirectError(directory.resolve("stderr").toFile())
        .start();
  }

  @Test
  void whatEndsIsDeletedAndItsEndTold() throws IOException, TaskException, InterruptedException {
    run("c");

    Process delete = delete("c");

    var answer = DeleteResponse.parseFrom(delete.getInputStream().readAllBytes());
    assertThat(delete.waitFor()).isZero();
    assertThat(answer.getExitStatus()).isEqualTo(137);
    assertThat(engine.container("c").deleted).isTrue();
    assertThat(tasks.count()).isZero();
  }

  @Test
  void whatTakesLongIsAnsweredInTimeAndStaysTheDaemons()
      throws IOException, TaskException, InterruptedException {
    run("c");
    engine.container("c").immortal = true;

    Process delete = delete("c");

    var answer = DeleteResponse.parseFrom(delete.getInputStream().readAllBytes());
    assertThat(delete.waitFor()).as("the launcher cleans otherwise").isZero();
    assertThat(answer.getExitStatus()).isEqualTo(137);
    assertThat(answer.getPid()).isPositive();
    assertThat(engine.container("c").deleted).isFalse();

    engine.container("c").end(137);
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (tasks.count() > 0) {
      assertThat(System.nanoTime()).as("until it is deleted").isLessThan(deadline);
    }
    assertThat(engine.container("c").deleted).isTrue();
  }

  @Test
  void whatTheDaemonDoesNotHaveIsLeftToTheLauncher() throws IOException, InterruptedException {
    Process delete = delete("c");

    assertThat(delete.getInputStream().readAllBytes()).isEmpty();
    assertThat(delete.waitFor()).isEqualTo(1);
    assertThat(Files.readString(directory.resolve("stderr"))).contains("container not created: c");
  }
}
