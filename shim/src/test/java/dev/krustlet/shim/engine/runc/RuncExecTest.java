package dev.krustlet.shim.engine.runc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ExecProcess;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.SpecException;
import dev.krustlet.shim.os.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Further processes in real containers.
@Timeout(60)
class RuncExecTest {
  private static final String FOREVER = "while :; do sleep 1000; done";

  @TempDir private Path directory;
  private NativeNode node;
  private Container container;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @BeforeEach
  void run() throws IOException, SpecException, TaskException, InterruptedException {
    node = NativeNode.in(directory);
    container = node.run(FOREVER, Stdio.NONE);
  }

  @AfterEach
  void stop() throws IOException {
    if (node != null) {
      node.close();
    }
    threads.close();
  }

  private ExecProcess exec(String id, String process, Stdio stdio)
      throws SpecException, TaskException, InterruptedException {
    return container.exec(NativeNode.exec(id, process, stdio));
  }

  private static int status(ExecProcess exec)
      throws InterruptedException, ExecutionException, TimeoutException {
    return exec.exited().get(30, TimeUnit.SECONDS).status();
  }

  @Test
  void anExecHasItsOwnEnvironmentDirectoryUserAndStreams()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var out = node.listen("out");
    var err = node.listen("err");
    var exec =
        exec(
            "e",
            """
            "args":["sh","-c","pwd; echo $WORD; id -u; id -g; echo sorry >&2; exit 7"],
            "cwd":"/tmp","env":["PATH=/bin","WORD=hello"],"user":{"uid":1000,"gid":1001}
            """,
            new Stdio("", out.target(), err.target(), false));

    int pid = exec.start();

    assertThat(out.begun().rest()).isEqualTo("/tmp\nhello\n1000\n1001\n");
    assertThat(err.begun().rest()).isEqualTo("sorry\n");
    assertThat(status(exec)).isEqualTo(7);
    assertThat(pid).isPositive().isNotEqualTo(container.pid());
    assertThat(container.exited()).isNotDone();
    exec.delete();
    try (var left = Files.list(node.bundle())) {
      assertThat(left.map(f -> f.getFileName().toString()).filter(f -> f.contains("exec")))
          .isEmpty();
    }
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
    var exec =
        exec(
            "e",
            NativeNode.shell("cat; exit 3"),
            new Stdio(in.toString(), out.target(), "", false));
    exec.start();

    Files.write(in, "to be or not".getBytes(StandardCharsets.UTF_8));
    exec.closeStdin();

    assertThat(out.begun().rest()).isEqualTo("to be or not");
    assertThat(status(exec)).isEqualTo(3);
  }

  @Test
  void aSignalEndsTheExecAlone()
      throws SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var exec = exec("e", NativeNode.shell(FOREVER), Stdio.NONE);
    int pid = exec.start();
    assertThat(container.pids()).contains(container.pid(), pid);

    exec.kill(15);

    assertThat(status(exec)).isEqualTo(143);
    assertThat(container.exited()).isNotDone();
    assertThatThrownBy(() -> exec.kill(9))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND));
  }

  @Test
  void aProgramThatIsNotThereIsRuncsOwnReason()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var out = node.listen("out");
    var exec = exec("e", "\"args\":[\"nope\"]", new Stdio("", out.target(), "", false));

    assertThatThrownBy(exec::start)
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("exec: \"nope\": executable file not found");

    assertThat(out.begun().rest()).as("the reader sees the end").isEmpty();
    exec.delete();
  }

  @Test
  void theEndOfInitIsTheEndOfItsExecs()
      throws SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var exec = exec("e", NativeNode.shell(FOREVER), Stdio.NONE);
    exec.start();

    container.kill(9, false);

    assertThat(status(exec)).isEqualTo(137);
  }

  @Test
  void itIsTheEndOfThoseTooThatShareTheNodesPids(@TempDir Path other)
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    try (var shared = NativeNode.in(other).sharedPids()) {
      var host = shared.run(FOREVER, Stdio.NONE);
      var exec = host.exec(NativeNode.exec("e", NativeNode.shell(FOREVER), Stdio.NONE));
      int pid = exec.start();

      host.kill(9, false);

      assertThat(NativeNode.status(host)).isEqualTo(137);
      assertThat(status(exec)).isEqualTo(137);
      assertThat(Processes.alive(pid)).isFalse();
      awaitEmpty(host);
      host.delete();
    }
  }

  /// Children of what was killed were killed too, and may take a moment to be gone; the test's
  /// time-out bounds it.
  private static void awaitEmpty(Container container) throws TaskException, InterruptedException {
    while (container.stats().pids().current() > 0) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  @Test
  void manyExecsAtOnceKeepTheirStatuses()
      throws SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    List<ExecProcess> execs = new ArrayList<>();
    List<Callable<Integer>> starts = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      var exec = exec("e" + i, NativeNode.shell("exit " + i), Stdio.NONE);
      execs.add(exec);
      starts.add(exec::start);
    }

    for (var start : threads.invokeAll(starts)) {
      assertThat(start.get()).isPositive();
    }

    for (int i = 0; i < 20; i++) {
      assertThat(status(execs.get(i))).isEqualTo(i);
    }
  }
}
