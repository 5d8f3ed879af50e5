package dev.krustlet.shim.engine.runc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.select.SelectingEngine;
import dev.krustlet.shim.oci.Bundle;
import dev.krustlet.shim.oci.RuntimeOptions;
import dev.krustlet.shim.oci.SpecException;
import dev.krustlet.shim.os.Fifos;
import dev.krustlet.shim.os.Mounts;
import dev.krustlet.shim.os.Poller;
import dev.krustlet.shim.os.Processes;
import dev.krustlet.shim.os.Reaper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Real containers by the real runc, of a root with nothing but busybox.
@Timeout(60)
class RuncContainerTest {
  private static final Path BUSYBOX = Path.of("/bin/busybox");

  @TempDir private Path directory;
  private Path bundle;
  private Poller poller;
  private SelectingEngine engine;

  @BeforeEach
  void prepare() throws IOException {
    assumeTrue(Processes.uid() == 0, "making containers wants root");
    assumeTrue(Files.isExecutable(BUSYBOX), "busybox-static is not installed");
    bundle = Files.createDirectories(directory.resolve("b"));
    Path bin = Files.createDirectories(bundle.resolve("image/bin"));
    Files.copy(BUSYBOX, bin.resolve("busybox"));
    Files.createSymbolicLink(bin.resolve("sh"), Path.of("busybox"));
    Files.createDirectories(bundle.resolve("image/proc"));
    Reaper.becomeSubreaper();
    poller = Poller.start();
    var natively = new RuncEngine("test", poller, new Reaper(poller));
    engine = new SelectingEngine(natively, natively);
  }

  @AfterEach
  void stop() throws IOException {
    if (poller != null) {
      poller.close();
      engine.close();
    }
  }

  private Container create(String script, Stdio stdio)
      throws IOException, SpecException, TaskException, InterruptedException {
    return create(script, stdio, 0);
  }

  private Container create(String script, Stdio stdio, long memoryLimit)
      throws IOException, SpecException, TaskException, InterruptedException {
    String id = "krustlet-test-" + Processes.pid() + "-" + System.nanoTime();
    String limit = memoryLimit == 0 ? "" : "\"memory\":{\"limit\":" + memoryLimit + "}";
    Files.writeString(
        bundle.resolve("config.json"),
        """
        {"ociVersion":"1.0.2",
         "process":{"args":["sh","-c",%s],"cwd":"/","env":["PATH=/bin"],"user":{"uid":0,"gid":0}},
         "root":{"path":"image"},
         "mounts":[{"destination":"/proc","type":"proc","source":"proc"}],
         "linux":{"cgroupsPath":"/%s","resources":{%s},
          "namespaces":[{"type":"pid"},{"type":"mount"},{"type":"ipc"}]}}
        """
            .formatted("\"" + script.replace("\"", "\\\"") + "\"", id, limit));
    var options = new RuntimeOptions(false, "", directory.resolve("runc").toString());
    return engine.create(
        new ContainerRequest(id, bundle, Bundle.load(bundle), List.of(), stdio, options));
  }

  private static int status(Container container)
      throws InterruptedException, ExecutionException, TimeoutException {
    return container.exited().get(30, TimeUnit.SECONDS).status();
  }

  private Path fifo(String name) throws IOException {
    Path fifo = directory.resolve(name);
    Fifos.create(fifo);
    return fifo;
  }

  @Test
  void anExitCodeIsTold()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = create("exit 42", Stdio.NONE);
    assertThat(Processes.alive(container.pid())).isTrue();
    container.start();

    assertThat(status(container)).isEqualTo(42);
    assertThat(container.stats().cpu().totalNanos()).isPositive();
    container.delete();
    assertThat(Mounts.beneath(bundle)).isEmpty();
    assertThatThrownBy(container::stats).isInstanceOf(TaskException.class);
  }

  @Test
  void aSignalIsTold()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = create("while :; do :; done", Stdio.NONE);
    container.start();
    assertThat(container.pids()).contains(container.pid());
    container.kill(9, false);

    assertThat(status(container)).isEqualTo(137);
    assertThatThrownBy(() -> container.kill(9, false)).hasMessageContaining("already finished");
    container.delete();
    container.delete();
  }

  @Test
  void everyByteArrivesThoughTheReaderIsSlow()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    Path out = fifo("out");
    var container =
        create(
            "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done",
            new Stdio("", out.toString(), "", false));
    container.start();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var text =
          threads.submit(() -> Files.readString(out)); // to the end, which only comes if we let go
      var expected =
          IntStream.range(0, 20000).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining());

      assertThat(text.get(30, TimeUnit.SECONDS)).isEqualTo(expected);
    }
    assertThat(status(container)).isZero();
    container.delete();
  }

  @Test
  void closingStdinIsTheEndOfIt()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    Path in = fifo("in");
    Path out = fifo("out");
    var container = create("cat; exit 3", new Stdio(in.toString(), out.toString(), "", false));
    container.start();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var text = threads.submit(() -> Files.readString(out));
      Files.write(in, "to be or not".getBytes(StandardCharsets.UTF_8));
      container.closeStdin();

      assertThat(text.get(30, TimeUnit.SECONDS)).isEqualTo("to be or not");
    }
    assertThat(status(container)).isEqualTo(3);
    container.delete();
  }

  @Test
  void aMemoryHogIsReportedAsOutOfMemory()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = create("x=0123456789abcdef; while :; do x=$x$x; done", Stdio.NONE, 32 << 20);
    container.start();

    assertThat(status(container)).isEqualTo(137);
    assertThat(container.oomKilled()).isDone();
    assertThat(container.stats().memory().oomKills()).isPositive();
    assertThat(container.stats().memory().limit()).isEqualTo(32 << 20);
    container.delete();
  }

  @Test
  void aContainerThatNeverRanIsDeleted()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = create("exit 0", Stdio.NONE);
    container.delete();

    assertThat(status(container)).isEqualTo(137);
    assertThat(Processes.alive(container.pid())).isFalse();
  }

  @Test
  void runcsOwnReasonIsTheMessageAndNothingIsLeft() throws IOException {
    Files.delete(bundle.resolve("image/bin/sh"));
    Files.createSymbolicLink(bundle.resolve("image/bin/sh"), Path.of("/gone"));

    assertThatThrownBy(() -> create("exit 0", Stdio.NONE))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("`sh`");
    assertThat(Mounts.beneath(bundle)).isEmpty();
  }

  @Test
  void aTerminalIsRefused() {
    assertThatThrownBy(() -> create("exit 0", new Stdio("", "", "", true)))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("terminal");
  }
}
