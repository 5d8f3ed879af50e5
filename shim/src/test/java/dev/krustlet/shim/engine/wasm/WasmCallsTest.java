package dev.krustlet.shim.engine.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.shim.engine.ExecProcess;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Bundle;
import dev.krustlet.shim.oci.Document;
import dev.krustlet.shim.oci.SpecException;
import dev.krustlet.shim.os.Fifos;
import dev.krustlet.shim.os.Mounts;
import dev.krustlet.shim.os.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The calls of a wasm container's life beside start and kill, with the real engine.
@Tag("engine")
@Timeout(120)
class WasmCallsTest {
  private static final String LIMITS = "{\"memory\":{\"limit\":8388608},\"cpu\":{\"shares\":512}}";

  @TempDir private Path directory;
  private WasmBed bed;

  @BeforeEach
  void prepare() throws IOException {
    bed = new WasmBed(directory);
  }

  @AfterEach
  void stop() throws IOException {
    if (bed != null) {
      bed.close();
    }
  }

  @Test
  void anExecHasItsOwnStatusAndLeavesItsContainerAlone()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = bed.running("c", "_start");
    ExecProcess seven = WasmBed.exec(container, "one", "/guest.wat#seven");
    assertThat(seven.start()).isNotEqualTo(container.pid());
    assertThat(WasmBed.status(seven.exited())).isEqualTo(7);

    ExecProcess endless = WasmBed.exec(container, "two", "/guest.wat");
    int pid = endless.start();
    assertThat(container.pids()).containsExactly(container.pid(), pid);
    endless.kill(15);
    assertThat(WasmBed.status(endless.exited())).isEqualTo(143);

    assertThat(container.pids()).containsExactly(container.pid());
    assertThat(container.exited()).isNotDone();
    seven.delete();
    endless.delete();
    endless.delete();
    container.kill(9, false);
    assertThat(WasmBed.status(container.exited())).isEqualTo(137);
    container.delete();
  }

  @Test
  void anExecEndsWithItsContainer()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = bed.running("c", "_start");
    ExecProcess exec = WasmBed.exec(container, "e", "/guest.wat");
    exec.start();
    container.kill(2, false);

    assertThat(WasmBed.status(container.exited())).isEqualTo(130);
    assertThat(exec.exited()).isDone();
    assertThat(WasmBed.status(exec.exited())).isEqualTo(137);
    assertThatThrownBy(() -> exec.kill(9))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND));
    container.delete();
    exec.delete();
    assertThat(Mounts.beneath(directory)).isEmpty();
  }

  @Test
  void whatAnExecCannotBeIsSaid()
      throws IOException, SpecException, TaskException, InterruptedException {
    var container = bed.running("c", "_start");

    assertThatThrownBy(() -> WasmBed.exec(container, "e", "/script"))
        .hasMessageContaining("no wasm module");
    assertThatThrownBy(() -> WasmBed.exec(container, "e", "/nowhere"))
        .hasMessageContaining("no such file");
    ExecProcess unknown = WasmBed.exec(container, "e", "/guest.wat#nothing");
    assertThatThrownBy(unknown::start).hasMessageContaining("nothing");
    assertThat(container.pids()).containsExactly(container.pid());
    unknown.delete();
  }

  @Test
  void aGuestOutOfMemoryIsToldBeforeItsExitAndCountedAfterwards()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = bed.create("c", "grow", LIMITS, Stdio.NONE);
    var order = container.exited().thenApply(_ -> container.oomKilled().isDone());
    container.start();

    assertThat(WasmBed.status(container.exited())).isEqualTo(137);
    assertThat(order.get(10, TimeUnit.SECONDS)).isTrue(); // told a moment after the exit itself
    assertThat(container.stats().memory().oomKills()).isEqualTo(1);
    assertThat(container.stats().memory().limitHits()).isPositive();
    container.delete();
  }

  @Test
  void aPausedContainerUsesNoTimeAndCanBeKilled()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = bed.running("c", "_start");
    container.pause();
    container.resume();
    container.pause();
    assertThatThrownBy(() -> WasmBed.exec(container, "e", "/guest.wat").start())
        .hasMessageContaining("paused");
    container.kill(9, true);

    assertThat(WasmBed.status(container.exited())).isEqualTo(137);
    assertThat(container.stats().cpu().totalNanos()).isPositive();
  }

  @Test
  void anUpdateChangesWhatItNamesAndLeavesTheRest()
      throws IOException, SpecException, TaskException, InterruptedException {
    var container = bed.create("c", "_start", LIMITS, Stdio.NONE);
    container.start();
    container.update(resources("{\"cpu\":{\"quota\":20000,\"period\":100000}}"));
    assertThat(container.stats().memory().limit()).isEqualTo(8 << 20);
    container.update(resources("{\"memory\":{\"limit\":16777216}}"));
    assertThat(container.stats().memory().limit()).isEqualTo(16 << 20);

    while (container.stats().cpu().throttledPeriods() < 3) {
      assertThat(container.exited()).isNotDone();
    }
    container.update(resources("{\"memory\":{\"limit\":-1}}"));
    assertThat(container.stats().memory().limit()).isZero();
  }

  private static Document<dev.krustlet.shim.oci.Resources> resources(String json)
      throws SpecException {
    return new Document<>(Bundle.parseResources(json), json);
  }

  @Test
  void closingStdinEndsAReader()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    Path in = directory.resolve("in");
    Fifos.create(in);
    var container = bed.create("c", "read", "{}", new Stdio(in.toString(), "", "", false));
    container.start();
    Files.writeString(in, "some");
    assertThat(container.exited()).isNotDone();
    container.closeStdin();

    assertThat(WasmBed.status(container.exited())).isZero();
  }

  @Test
  void figuresAreToldAfterTheEngineIsGone()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = bed.running("c", "_start");
    while (container.stats().cpu().totalNanos() == 0) {
      assertThat(container.exited()).isNotDone();
    }
    Processes.kill(threadGroup(container.pid()), 9);

    assertThat(WasmBed.status(container.exited())).isEqualTo(137);
    assertThat(container.stats().cpu().totalNanos()).isPositive();
    container.delete();
  }

  private static int threadGroup(int thread) throws IOException {
    return Files.readAllLines(Path.of("/proc", Integer.toString(thread), "status")).stream()
        .filter(line -> line.startsWith("Tgid:"))
        .map(line -> Integer.parseInt(line.substring("Tgid:".length()).strip()))
        .findFirst()
        .orElseThrow();
  }
}
