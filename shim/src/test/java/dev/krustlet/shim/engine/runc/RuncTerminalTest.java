package dev.krustlet.shim.engine.runc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TerminalSize;
import dev.krustlet.shim.oci.Bundle;
import dev.krustlet.shim.oci.SpecException;
import dev.krustlet.shim.os.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

/// Terminals that runc makes and we copy.
@Timeout(60)
class RuncTerminalTest {
  @TempDir private Path directory;
  private NativeNode node;
  private Path in;
  private Listener out;
  private Stdio terminal;

  @BeforeEach
  void prepare() throws IOException {
    node = NativeNode.in(directory);
    in = node.fifo("in");
    out = node.listen("out");
    terminal = new Stdio(in.toString(), out.target(), "", true);
  }

  @AfterEach
  void stop() throws IOException {
    if (node != null) {
      out.close();
      node.close();
    }
  }

  private void type(String text) throws IOException {
    Files.write(in, text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aTerminalIsShownTypedAtAndResized()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = node.create("tty; stty size; read x; echo got $x; stty size; exit 5", terminal);
    container.resize(new TerminalSize(80, 24));
    container.start();
    out.begun();
    assertThat(out.line()).startsWith("/dev/");
    assertThat(out.line()).isEqualTo("24 80");
    container.resize(new TerminalSize(132, 50));
    type("word\n");

    assertThat(out.line()).as("echo").isEqualTo("word");
    assertThat(out.line()).isEqualTo("got word");
    assertThat(out.line()).isEqualTo("50 132");
    assertThat(out.line()).as("the end").isEqualTo("null");
    assertThat(NativeNode.status(container)).isEqualTo(5);
    container.resize(new TerminalSize(1, 1));
    container.delete();
  }

  @Test
  void allThatWasShownArrives()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container =
        node.run("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done", terminal);

    assertThat(out.begun().rest())
        .isEqualTo(
            IntStream.range(0, 20000)
                .mapToObj(i -> "line " + i + "\r\n")
                .collect(Collectors.joining()));
    assertThat(NativeNode.status(container)).isZero();
    container.delete();
  }

  @Test
  void closingStdinIsTheEndOfWhatIsTyped()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = node.run("stty -echo; cat; exit 3", terminal);

    type("half a line");
    container.closeStdin();

    assertThat(out.begun().rest()).endsWith("half a line");
    assertThat(NativeNode.status(container)).isEqualTo(3);
    container.delete();
  }

  @Test
  void anExecHasATerminalOfItsOwn()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = node.run("while :; do sleep 1000; done", Stdio.NONE);
    var exec =
        container.exec(
            NativeNode.exec("e", NativeNode.shell("tty; read x; stty size; exit 9"), terminal));
    exec.start();
    out.begun();
    assertThat(out.line()).startsWith("/dev/");
    exec.resize(new TerminalSize(100, 30));
    type("\n");

    assertThat(out.line()).as("echo").isEmpty();
    assertThat(out.line()).isEqualTo("30 100");
    assertThat(out.line()).as("the end").isEqualTo("null");
    assertThat(exec.exited().get(30, TimeUnit.SECONDS).status()).isEqualTo(9);
    exec.delete();
    container.delete();
  }

  @Test
  void whatIsLeftAtTheTerminalOfADeadShellIsHungUp()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = node.run("while :; do sleep 1000; done", Stdio.NONE);
    var exec =
        container.exec(
            NativeNode.exec(
                "e", NativeNode.shell("trap '' HUP; sleep 1000 & echo $!; exit 0"), terminal));
    exec.start();

    assertThat(out.begun().rest()).endsWith("\r\n");
    assertThat(exec.exited().get(30, TimeUnit.SECONDS).status()).isZero();
    assertThat(container.exited()).isNotDone();
    container.delete();
  }

  @Test
  void aTerminalNobodyWatchesEndsWithItsContainer()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = node.create("echo unseen", new Stdio("", "", "", true));
    int pid = container.pid();
    container.start();

    assertThat(NativeNode.status(container)).isZero();
    container.delete();
    assertThat(Processes.alive(pid)).isFalse();
    try (var left = Files.list(node.bundle())) {
      assertThat(left.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".tty")))
          .isEmpty();
    }
  }

  @Test
  void aProgramMayTakeWhatIsShown()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    Path program = directory.resolve("logger");
    Files.writeString(program, "#!/bin/sh\nexec 5>&-\ncat <&3 >\"$2\"\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    String uri = "binary://%1$s/logger?to=%1$s/log".formatted(directory);
    String id = NativeNode.freshId();
    node.configure(id, "tty; exit 4", true);
    var container =
        node.engine()
            .create(
                new ContainerRequest(
                    id,
                    node.bundle(),
                    Bundle.load(node.bundle()),
                    List.of(),
                    new Stdio("", uri, uri, true),
                    node.options()));
    container.start();

    assertThat(NativeNode.status(container)).isEqualTo(4);
    container.delete();

    assertThat(directory.resolve("log")).content().isEqualTo("/dev/pts/0\r\n");
  }
}
