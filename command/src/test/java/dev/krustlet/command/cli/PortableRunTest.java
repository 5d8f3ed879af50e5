package dev.krustlet.command.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A krustlet that was built without Rust keeps what `krustlet run` promises, and says what it does
/// not have.
final class PortableRunTest extends RunContract {
  @Override
  Krustlet installed(Path home) throws IOException {
    return Krustlet.portableAlone(home);
  }

  @Test
  void anExportIsRefusedBecauseOnlyStartIsCalled() throws IOException {
    var outcome = krustlet.call("run", HELLO + "#other");

    assertThat(outcome.status()).isEqualTo(64);
    assertThat(outcome.err()).contains("#other", "_start").containsOnlyOnce("\n");
  }

  @Test
  void aLimitOfMemoryIsRefusedBecauseItCannotBeKept() throws IOException {
    var outcome = krustlet.call("run", HELLO, "--memory", "64Mi");

    assertThat(outcome.status()).isEqualTo(64);
    assertThat(outcome.err()).contains("--memory", "portable").containsOnlyOnce("\n");
    assertThat(outcome.guestOut()).isEmpty();
  }

  @Test
  void aStoreForComponentsIsRefusedByName() throws IOException {
    var outcome = krustlet.call("run", HELLO, "--keyvalue", "redis://10.0.0.1");

    assertThat(outcome.status()).isEqualTo(64);
    assertThat(outcome.err()).contains("--keyvalue", "no components").containsOnlyOnce("\n");
  }

  @Test
  void aComponentIs65() throws IOException {
    byte[] empty = {0, 'a', 's', 'm', 13, 0, 1, 0};

    var outcome = krustlet.call("run", Files.write(directory.resolve("component.wasm"), empty));

    assertThat(outcome.status()).isEqualTo(65);
    assertThat(outcome.guestErr()).contains("component.wasm").containsOnlyOnce("\n");
  }

  @Test
  void whatWantsTheOtherEngineIs69WithTheReason() throws IOException {
    for (var outcome :
        new Krustlet.Outcome[] {
          krustlet.call("run", "--engine", "native", HELLO), krustlet.call("compile", HELLO)
        }) {
      assertThat(outcome.status()).isEqualTo(69);
      assertThat(outcome.err())
          .contains("built without krustlet-engine", "portable")
          .containsOnlyOnce("\n");
    }
  }

  @Test
  void itsVersionsAreThoseOfThePortableEngine() throws IOException {
    assertThat(krustlet.call("version").out().lines())
        .contains("wasmtime     7.0.1")
        .anyMatch(line -> line.matches("engine       wasmtime-java \\d+\\.\\d+\\.\\d+"));
  }

  @Test
  void theMachineCodeIsOfTheWasmtimeThatIsTold() throws IOException {
    Path library = krustlet.directory().resolve("lib/portable/libwasmtime_jni.so");

    assertThat(Files.readString(library, StandardCharsets.ISO_8859_1))
        .contains("wasmtime-" + PortableEngine.WASMTIME + "/");
  }

  @Test
  void whatIsLeftOfAnInstallationWithoutItsLibraryIs69() throws IOException {
    Files.delete(krustlet.directory().resolve("lib/portable/libwasmtime_jni.so"));

    var outcome = krustlet.call("run", HELLO);

    assertThat(outcome.status()).isEqualTo(69);
    assertThat(outcome.err()).contains("the installation is not whole").containsOnlyOnce("\n");
  }

  @Test
  @Tag("engine")
  void besideTheOtherEngineItRunsOnlyWhatItIsAskedTo() throws IOException {
    Path home = Files.createDirectory(directory.resolve("both"));
    var both = Krustlet.withPortable(home);

    assertThat(both.call("run", "--engine", "portable", HELLO).guestOut()).contains("hello");
    assertThat(both.cache()).doesNotExist();
    assertThat(both.call("run", HELLO).guestOut()).contains("hello");
    assertThat(both.cache()).isDirectory();

    var lost = both.withEngine(home.resolve("none"));
    assertThat(lost.call("run", HELLO).status()).isEqualTo(69);
  }
}
