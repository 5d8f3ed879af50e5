package dev.krustlet.command.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `krustlet run` promises with any engine.
abstract class RunContract {
  static final Path HELLO = Krustlet.example("hello");
  private static final Path FILES = Krustlet.example("files");

  /// A module whose `_start` is `unreachable`.
  private static final byte[] TRAPS =
      HexFormat.of()
          .parseHex(
              "0061736d01000000" // magic, version
                  + "010401600000" // type: () -> ()
                  + "03020100" // one function of it
                  + "0503010001" // one page of memory
                  + "071302" // two exports
                  + "066d656d6f72790200" // "memory"
                  + "065f73746172740000" // "_start"
                  + "0a05010300000b"); // body: unreachable

  @TempDir Path directory;
  Krustlet krustlet;

  /// Makes the installation that is tried.
  ///
  /// @param home an empty directory
  abstract Krustlet installed(Path home) throws IOException;

  @BeforeEach
  void install() throws IOException {
    krustlet = installed(Files.createDirectory(directory.resolve("home")));
  }

  @Test
  void aModulePrintsItsArgumentsAndEnvironmentAndNothingElse() throws IOException {
    var outcome =
        krustlet.call("run", HELLO, "--env", "A=1", "--env", "B=x=y", "--", "one", "--two", "");

    assertThat(outcome.guestErr() + outcome.out() + outcome.err()).isEmpty();
    assertThat(outcome.guestOut())
        .isEqualTo(
            "hello from wasm\narg 0: %s\narg 1: one\narg 2: --two\narg 3: \nenv A=1\nenv B=x=y\n"
                .formatted(HELLO));
    assertThat(outcome.status()).isZero();
  }

  @Test
  void anArgumentMayBeginWithAnAtSignAndHoldAnything() throws IOException {
    var outcome = krustlet.call("run", HELLO, "--", "@file", "--", "\"žluť\"", "${HOME}");

    assertThat(outcome.guestOut())
        .endsWith("arg 1: @file\narg 2: --\narg 3: \"žluť\"\narg 4: ${HOME}\n");
  }

  @Test
  void theStatusOfTheModuleIsTheStatusOfTheCommand() throws IOException {
    assertThat(krustlet.call("run", HELLO, "--", "--exit", "42").status()).isEqualTo(42);
  }

  @Test
  void aDirectoryIsWrittenToUnlessItIsReadOnly() throws IOException {
    Path config = Files.createDirectory(directory.resolve("config"));
    Path data = Files.createDirectory(directory.resolve("data"));
    Files.writeString(config.resolve("message"), "hi\n");

    var written =
        krustlet.call("run", FILES, "--dir", config + ":/config:ro", "--dir", data + ":/data");
    var refused =
        krustlet.call("run", FILES, "--dir", config + ":/config", "--dir", data + ":/data:ro");

    assertThat(written.guestErr()).isEmpty();
    assertThat(written.status()).isZero();
    assertThat(written.guestOut()).contains("read /config/message: hi");
    assertThat(refused.status()).isEqualTo(73);
    assertThat(refused.guestErr()).startsWith("files: cannot write /data/messages");
    assertThat(data.resolve("messages")).hasContent("hi");
  }

  @Test
  void aTrapIs134WithItsReasonOnStderr() throws IOException {
    var outcome = krustlet.call("run", Files.write(directory.resolve("traps.wasm"), TRAPS));

    assertThat(outcome.status()).isEqualTo(134);
    assertThat(outcome.guestErr()).contains("unreachable");
  }

  @Test
  void aMissingModuleIs66() throws IOException {
    var outcome = krustlet.call("run", "none.wasm");

    assertThat(outcome.status()).isEqualTo(66);
    assertThat(outcome.err())
        .isEqualTo("krustlet: the module 'none.wasm' cannot be read: there is no such file\n");
    assertThat(krustlet.call("run", directory).status()).isEqualTo(66);
  }

  @Test
  void aTextFileIs65() throws IOException {
    var outcome = krustlet.call("run", Files.writeString(directory.resolve("a.txt"), "text\n"));

    assertThat(outcome.status()).isEqualTo(65);
    assertThat(outcome.err() + outcome.guestErr())
        .startsWith("krustlet: ")
        .contains("a.txt", "not a WebAssembly module")
        .containsOnlyOnce("\n");
  }

  @Test
  void aDirectoryThatIsNotThereIs66() throws IOException {
    Path none = directory.resolve("none");

    var outcome = krustlet.call("run", HELLO, "--dir", none + ":/data");

    assertThat(outcome.status()).isEqualTo(66);
    assertThat(outcome.err())
        .isEqualTo("krustlet: --dir %s:/data: '%s' does not exist\n".formatted(none, none));
  }

  @Test
  void itsHelpShowsAnExampleAndEachExitStatus() throws IOException {
    var outcome = krustlet.call("run", "--help");

    assertThat(outcome.status()).isZero();
    assertThat(outcome.out())
        .contains("krustlet run files.wasm --dir", "NAME=VALUE", "SIZE")
        .containsPattern("(?m)^ +65 ")
        .containsPattern("(?m)^ +134 ");
  }
}
