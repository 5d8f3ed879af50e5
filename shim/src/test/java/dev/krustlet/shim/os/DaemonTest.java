package dev.krustlet.shim.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a daemon does to itself is done in a Java process of its own.
@Timeout(60)
final class DaemonTest {
  private static final String OOM_SCORE = "/proc/self/oom_score_adj";

  @TempDir Path directory;

  /// The process under test: its arguments are the log and a file to make.
  static final class Subject {
    private Subject() {}

    public static void main(String[] args) throws IOException {
      var log = Path.of(args[0]);
      Daemon.newSession();
      Daemon.redirectStandard(0, Path.of("/dev/null"), false);
      Daemon.redirectStandard(1, log, true);
      Daemon.redirectStandard(2, log, true);
      Daemon.noNewFilesForOthers();
      Processes.setOomScoreAdjust(
          Processes.pid(), Integer.parseInt(Files.readString(Path.of(OOM_SCORE)).trim()) + 1);
      Files.writeString(Path.of(args[1]), Files.readString(Path.of("/proc/self/stat")));
      System.out.println("out " + System.in.read());
      System.err.println("err " + Files.readString(Path.of(OOM_SCORE)).trim());
    }
  }

  @Test
  void aDaemonLeavesItsStarterAndKeepsItsFilesToItself() throws IOException, InterruptedException {
    var log = Files.writeString(directory.resolve("log"), "before\n");
    var made = directory.resolve("made");
    int score = Integer.parseInt(Files.readString(Path.of(OOM_SCORE)).trim());

    var subject = start(log, made);
    var inherited = new String(subject.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(subject.waitFor()).isZero();
    assertThat(inherited).isEmpty();
    assertThat(log).hasContent("before\nout -1\nerr " + (score + 1) + "\n");
    assertThat(sessionOf(made)).isEqualTo(subject.pid());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
        .isEqualTo("rw-------");
  }

  private static Process start(Path log, Path made) throws IOException {
    var java = Path.of(System.getProperty("java.home"), "bin/java").toString();
    return new ProcessBuilder(
            java,
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Subject.class.getName(),
            log.toString(),
            made.toString())
        .redirectErrorStream(true)
        .start();
  }

  /// Field 6 of what the subject found in /proc/self/stat.
  private static long sessionOf(Path stat) throws IOException {
    var content = Files.readString(stat);
    return Long.parseLong(content.substring(content.lastIndexOf(')') + 2).split(" ", 5)[3]);
  }
}
