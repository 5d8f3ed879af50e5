package dev.krustlet.shim.engine.runc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.krustlet.shim.engine.TaskException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RuntimePathTest {
  private static final String NAME = "krustlet-test-runc";

  @TempDir private Path directory;
  private final RuntimePath programs = new RuntimePath();

  private Path program(String place) throws IOException {
    Path program = Files.createDirectories(directory.resolve(place)).resolve(NAME);
    Files.writeString(program, "#!/bin/sh\n");
    return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
  }

  private Path bundle(String name, String place) throws IOException {
    Path bundle = Files.createDirectories(directory.resolve(name));
    Files.writeString(
        bundle.resolve("daemon"),
        "1 1 unix:///x\n/nowhere:%s\n".formatted(directory.resolve(place)));
    return bundle;
  }

  @Test
  void eachContainerHasTheProgramOfItsCallersPath() throws IOException, TaskException {
    Path first = program("v1");
    Path second = program("v2");
    String one = programs.of(bundle("one", "v1"));
    String two = programs.of(bundle("two", "v2"));
    assertThat(programs.find(NAME, one)).isEqualTo(first);
    assertThat(programs.find(NAME, two)).isEqualTo(second);
  }

  /// An upgrade took the programs away that the container was made with.
  @Test
  void whatIsGoneFromThereIsLookedForOnTheNewestPath() throws IOException, TaskException {
    Path first = program("v1");
    String old = programs.of(bundle("old", "v1"));
    Path second = program("v2");
    programs.of(bundle("new", "v2"));
    Files.delete(first);
    assertThat(programs.find(NAME, old)).isEqualTo(second);
  }

  @Test
  void thePathIsNamedOnWhichThereIsNone() throws IOException {
    String empty = programs.of(bundle("one", "empty"));
    assertThatExceptionOfType(TaskException.class)
        .isThrownBy(() -> programs.find(NAME, empty))
        .withMessageContaining("no program " + NAME)
        .withMessageContaining("/nowhere:" + directory.resolve("empty"));
  }

  /// k3s and its imitators write the shim's own path there.
  @Test
  void aShimIsNoRuntime() {
    for (String shim :
        new String[] {"containerd-shim-runc-v2", "/opt/bin/containerd-shim-krustlet-v1"}) {
      assertThatExceptionOfType(TaskException.class)
          .isThrownBy(() -> programs.find(shim, "/bin"))
          .withMessageContaining("BinaryName")
          .withMessageContaining(shim + ", which is a shim");
    }
  }

  @Test
  void aPathIsTakenAsItIs() throws TaskException {
    assertThat(programs.find("/opt/youki", "/bin")).isEqualTo(Path.of("/opt/youki"));
  }
}
