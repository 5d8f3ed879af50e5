package dev.krustlet.shim.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A real terminal with a shell at its other end.
@Timeout(60)
class PtyPumpTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private static final int TIOCSPTLCK = 0x40045431;
  private static final int TIOCGPTN = 0x80045430;
  private static final CFunction IOCTL = CFunction.of("ioctl");

  @TempDir private Path directory;
  private Path in;
  private Path out;
  private Fd typing;
  private Fd master;
  private Path slave;
  private PtyPump pump;

  @BeforeEach
  void start() throws IOException {
    in = directory.resolve("in");
    out = directory.resolve("out");
    Fifos.create(in);
    Fifos.create(out);
    master =
        LibcFiles.open("/dev/ptmx", OpenFlags.O_RDWR | OpenFlags.O_NOCTTY | OpenFlags.O_CLOEXEC, 0);
    slave = Path.of("/dev/pts/" + unlocked(master));
    var from = Fifos.openRead(in);
    typing = Fifos.openWrite(in);
    pump =
        PtyPump.start(
            Pty.of(master), Optional.of(from), Optional.of(Fifos.openReadWrite(out)), "test");
  }

  @AfterEach
  void stop() throws IOException {
    pump.close();
    typing.close();
  }

  private static int unlocked(Fd master) throws ErrnoException {
    int[] number = new int[1];
    Native.call(
        "unlock",
        master,
        (arena, errno) -> {
          var value = arena.allocate(Native.INT);
          int unlocked = IOCTL.asInt(errno, master.number(), TIOCSPTLCK, value.address());
          int told = IOCTL.asInt(errno, master.number(), TIOCGPTN, value.address());
          number[0] = value.get(Native.INT, 0);
          return Math.min(unlocked, told);
        });
    return number[0];
  }

  private Process shell(String script) throws IOException {
    return new ProcessBuilder("setsid", "sh", "-c", script)
        .redirectInput(slave.toFile())
        .redirectOutput(ProcessBuilder.Redirect.appendTo(slave.toFile()))
        .redirectError(ProcessBuilder.Redirect.appendTo(slave.toFile()))
        .start();
  }

  @Test
  void aSlowReaderGetsAllThatWasWrittenBeforeTheEnd() throws IOException, InterruptedException {
    var reader = Files.newBufferedReader(out);
    var writer = shell("i=0; while [ $i -lt 30000 ]; do echo $i; i=$((i+1)); done");
    assertThat(reader.readLine()).isEqualTo("0");
    assertThat(pump.awaitEnd(Duration.ofMillis(200))).as("nobody reads on").isFalse();
    var rest = IntStream.range(1, 30000).mapToObj(Integer::toString).collect(Collectors.toList());

    assertThat(reader.lines().toList()).isEqualTo(rest);

    assertThat(writer.waitFor()).isZero();
    assertThat(pump.awaitEnd(LONG)).isTrue();
  }

  @Test
  void whoHoldsTheTerminalAfterItsEndIsHungUp() throws IOException, InterruptedException {
    var reader = Files.newBufferedReader(out);
    var holder = shell("trap '' HUP; echo here; read line; exit 9");
    assertThat(reader.readLine()).isEqualTo("here");

    pump.finish();

    assertThat(pump.awaitEnd(LONG)).isTrue();
    assertThat(reader.readLine()).as("the end").isNull();
    assertThat(holder.waitFor()).isEqualTo(9);
  }

  @Test
  void aReaderThatNeverComesIsNotWaitedForByClose() throws IOException, InterruptedException {
    var writer = shell("while echo 0123456789; do :; done");
    pump.finish();

    pump.close();
    pump.close();

    assertThat(pump.awaitEnd(Duration.ZERO)).isTrue();
    assertThat(writer.waitFor()).isZero();
  }

  @Test
  void theEndOfInputReachesTheReaderInTheMiddleOfALine() throws IOException, InterruptedException {
    var reader = Files.newBufferedReader(out);
    var cat = shell("stty -echo; echo ready; cat; echo; echo end");
    assertThat(reader.readLine()).isEqualTo("ready");

    int _ = LibcFiles.write(typing, "one\ntwo".getBytes(StandardCharsets.UTF_8));
    typing.close();

    assertThat(reader.lines().toList()).containsExactly("one", "two", "end");
    assertThat(cat.waitFor()).isZero();
  }
}
