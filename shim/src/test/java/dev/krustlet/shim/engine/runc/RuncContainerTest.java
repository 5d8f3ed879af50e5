package dev.krustlet.shim.engine.runc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.oci.SpecException;
import dev.krustlet.shim.os.Mounts;
import dev.krustlet.shim.os.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
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
  @TempDir private Path directory;
  private NativeNode node;

  @BeforeEach
  void prepare() throws IOException {
    node = NativeNode.in(directory);
  }

  @AfterEach
  void stop() throws IOException {
    if (node != null) {
      node.close();
    }
  }

  private Container create(String script, Stdio stdio)
      throws IOException, SpecException, TaskException, InterruptedException {
    return node.create(script, stdio);
  }

  private static int status(Container container)
      throws InterruptedException, ExecutionException, TimeoutException {
    return container.exited().get(30, TimeUnit.SECONDS).status();
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
    assertThat(Mounts.beneath(node.bundle())).isEmpty();
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
    var out = node.listen("out");
    var container =
        create(
            "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done",
            new Stdio("", out.target(), "", false));
    container.start();
    var expected =
        IntStream.range(0, 20000).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining());

    assertThat(out.begun().rest()).isEqualTo(expected);
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
    Path in = node.fifo("in");
    var out = node.listen("out");
    var container = create("cat; exit 3", new Stdio(in.toString(), out.target(), "", false));
    container.start();
    Files.write(in, "to be or not".getBytes(StandardCharsets.UTF_8));
    container.closeStdin();

    assertThat(out.begun().rest()).isEqualTo("to be or not");
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
    var container =
        node.resources("\"memory\":{\"limit\":33554432}")
            .create("x=0123456789abcdef; while :; do x=$x$x; done", Stdio.NONE);
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
    Files.delete(node.bundle().resolve("image/bin/sh"));
    Files.createSymbolicLink(node.bundle().resolve("image/bin/sh"), Path.of("/gone"));

    assertThatThrownBy(() -> create("exit 0", Stdio.NONE))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("exec: \"sh\": executable file not found in $PATH");
    assertThat(Mounts.beneath(node.bundle())).isEmpty();
  }

  @Test
  void cgroupsOfARuncThatWasKilledInTheMidstOfCreateAreRemoved() throws IOException {
    Path hierarchy = Path.of("/sys/fs/cgroup/pids");
    assumeTrue(Files.isDirectory(hierarchy), "there is no cgroup v1");
    Path runc = node.bundle().resolve("killed-runc");
    Files.writeString(
        runc,
        """
        #!/bin/sh
        id=
        for id in "$@"; do :; done
        case " $* " in
        *" create "*) mkdir -p %1$s/$id/inner && echo $id >>%2$s/made && kill -9 $$ ;;
        esac
        """
            .formatted(hierarchy, node.bundle()));
    assertThat(runc.toFile().setExecutable(true)).isTrue();
    node.runtime(runc);

    assertThatThrownBy(() -> create("exit 0", Stdio.NONE)).isInstanceOf(TaskException.class);

    List<String> made = Files.readAllLines(node.bundle().resolve("made"));
    assertThat(made).hasSize(1).allSatisfy(id -> assertThat(hierarchy.resolve(id)).doesNotExist());
  }
}
