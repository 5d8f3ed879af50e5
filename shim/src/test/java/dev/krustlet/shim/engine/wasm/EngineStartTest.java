package dev.krustlet.shim.engine.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.modules.EngineProgram;
import dev.krustlet.shim.modules.TestEngine;
import dev.krustlet.shim.os.Processes;
import dev.krustlet.shim.policy.NodePolicy;
import dev.krustlet.shim.task.FakeEngine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// How an engine process begins, and what becomes of one that begins badly.
@Timeout(60)
final class EngineStartTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir private Path directory;
  private final List<Thread> callers = new ArrayList<>();

  @AfterEach
  void endCallers() throws InterruptedException {
    for (Thread each : callers) {
      each.interrupt();
      each.join();
    }
  }

  /// @param body what the engine does once it has written down its pid
  private EngineProgram engine(String body) throws IOException {
    Path program = directory.resolve("engine");
    Files.writeString(
        program, "#!/bin/sh\necho $$ >> %s\n%s\n".formatted(directory.resolve("pids"), body));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return new EngineProgram(program, false, false);
  }

  private EngineStart start(EngineProgram program, Duration patience) {
    return new EngineStart(program, directory.resolve("engine.sock"), patience);
  }

  private List<Integer> pids() throws IOException {
    Path pids = directory.resolve("pids");
    return Files.exists(pids)
        ? Files.readAllLines(pids).stream().map(Integer::valueOf).toList()
        : List.of();
  }

  private void awaitStarted() throws IOException {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (pids().isEmpty()) {
      assertThat(System.nanoTime()).as("until an engine started").isLessThan(deadline);
    }
  }

  private void awaitNoneLives() throws IOException {
    long deadline = System.nanoTime() + LONG.toNanos();
    for (int pid : pids()) {
      while (Processes.alive(pid)) {
        assertThat(System.nanoTime()).as("until engine %d ended", pid).isLessThan(deadline);
      }
    }
  }

  @Test
  void anEngineThatNeverGetsReadyIsKilledAndTold() throws IOException {
    var program = engine("exec sleep 1000");

    assertThatThrownBy(() -> EngineProcess.start(start(program, Duration.ofMillis(300))))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(Code.UNAVAILABLE))
        .hasMessageContaining("was not ready after");

    awaitStarted();
    awaitNoneLives();
  }

  @Test
  void anEngineThatSaysSomethingElseIsQuotedNoLongerThanALine() throws IOException {
    var program = engine("head -c 1000000 /dev/zero | tr '\\0' x; exec sleep 1000");

    assertThatThrownBy(() -> EngineProcess.start(start(program, Duration.ofSeconds(3))))
        .isInstanceOf(TaskException.class);
    awaitNoneLives();

    var talker = engine("head -c 100000 /dev/zero | tr '\\0' x; echo");
    assertThatThrownBy(() -> EngineProcess.start(start(talker, LONG)))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("xxx…;")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(9000));
  }

  @Test
  void linesAreCutAndTheNextOneIsWhole() throws IOException {
    byte[] said = "four\n123456789\n\nlast".getBytes(StandardCharsets.UTF_8);
    var lines = new BoundedLines(new ByteArrayInputStream(said), 4);

    assertThat(lines.next()).contains("four");
    assertThat(lines.next()).contains("1234…");
    assertThat(lines.next()).contains("");
    assertThat(lines.next()).contains("last");
    assertThat(lines.next()).isEmpty();
  }

  @Test
  void whoeverWaitsForTheStartOfAnEngineCanLeave() throws IOException, InterruptedException {
    var wasm =
        new WasmEngine(engine("exec sleep 1000"), directory, directory, 1, NodePolicy.DEFAULT);
    Thread first = warming(wasm);
    awaitStarted();
    Thread second = warming(wasm);

    second.interrupt();
    second.join();
    assertThat(first.isAlive()).isTrue();
    first.interrupt();
    first.join();

    awaitNoneLives();
  }

  private Thread warming(WasmEngine wasm) {
    Thread thread =
        Thread.ofVirtual()
            .name("warming")
            .start(() -> {
              try {
                wasm.warm();
              } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
              }
            });
    callers.add(thread);
    return thread;
  }

  @Test
  @Tag("engine")
  void noEngineIsLeftWhenTheCacheCannotBeOpened() throws IOException {
    Path noDirectory = Files.createFile(directory.resolve("cache"));
    Path sockets = Files.createDirectory(directory.resolve("s"));
    var program = engine("exec %s \"$@\"".formatted(TestEngine.program(false).binary()));
    var wasm = new WasmEngine(program, sockets, noDirectory, 1, NodePolicy.DEFAULT);

    var request = FakeEngine.request("c", directory);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> wasm.create(request))
          .isInstanceOf(TaskException.class)
          .hasMessageContainingAll(noDirectory.toString(), "cache_dir");
    }

    assertThat(pids()).hasSize(2);
    awaitNoneLives();
    try (Stream<Path> left = Files.list(sockets)) {
      assertThat(left).isEmpty();
    }
    wasm.close();
  }

  @Test
  @Tag("engine")
  void theKernelTakesTheEngineBeforeItsDaemon()
      throws IOException, TaskException, InterruptedException {
    var program = engine("exec %s \"$@\"".formatted(TestEngine.program(false).binary()));
    try (var engine = EngineProcess.start(start(program, LONG))) {
      assertThat(engine.lives()).isTrue();
      assertThat(Path.of("/proc/%d/oom_score_adj".formatted(pids().getFirst()))).hasContent("900");
    }
  }
}
