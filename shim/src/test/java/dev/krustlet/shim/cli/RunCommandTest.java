package dev.krustlet.shim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RunCommandTest {
  private static final Path HELLO = Krustlet.example("hello");
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
  private Krustlet krustlet;

  @BeforeEach
  void install() throws IOException {
    krustlet = Krustlet.installed(Files.createDirectory(directory.resolve("home")));
  }

  @Test
  void aModulePrintsItsArgumentsAndEnvironmentAndNothingElse() throws IOException {
    var outcome =
        krustlet.call("run", HELLO, "--env", "A=1", "--env", "B=x=y", "--", "one", "--two", "");

    assertThat(outcome.guestOut())
        .isEqualTo(
            "hello from wasm\narg 0: %s\narg 1: one\narg 2: --two\narg 3: \nenv A=1\nenv B=x=y\n"
                .formatted(HELLO));
    assertThat(outcome.guestErr() + outcome.out() + outcome.err()).isEmpty();
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
  void theSecondRunTakesTheCodeFromTheCache() throws IOException {
    krustlet.call("run", HELLO);
    var firstCode = codeInCache();

    assertThat(krustlet.call("run", HELLO).status()).isZero();
    assertThat(codeInCache()).isEqualTo(firstCode);
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

    assertThat(written.status()).isZero();
    assertThat(written.guestOut()).contains("read /config/message: hi");
    assertThat(refused.status()).isEqualTo(73);
    assertThat(refused.guestErr()).startsWith("files: cannot write /data/messages");
    assertThat(data.resolve("messages")).hasContent("hi");
  }

  @Test
  void anExportOfAModuleIsCalledByItsName() throws IOException {
    Path module =
        Files.writeString(
            directory.resolve("two.wat"),
            """
            (module
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (memory (export "memory") 1)
              (func (export "_start") (call $exit (i32.const 1)))
              (func (export "seven") (call $exit (i32.const 7))))
            """);

    assertThat(krustlet.call("run", module).status()).isEqualTo(1);
    assertThat(krustlet.call("run", module + "#seven").status()).isEqualTo(7);

    var missing = krustlet.call("run", module + "#eight");
    assertThat(missing.status()).isEqualTo(65);
    assertThat(missing.guestErr()).contains("eight: the module exports no such function");
  }

  @Test
  void anExportOfAComponentTakesItsArgumentsAndPrintsItsResult() throws IOException {
    Path component =
        Files.writeString(
            directory.resolve("sums#1.wat"), // a # of a file's own is no separator
            """
            (component
              (core module $m
                (func (export "add") (param i32 i32) (result i32)
                  (i32.add (local.get 0) (local.get 1))))
              (core instance $i (instantiate $m))
              (func (export "add") (param "left" u32) (param "right" u32) (result u32)
                (canon lift (core func $i "add"))))
            """);

    var sum = krustlet.call("run", component + "#add", "40", "2");
    assertThat(sum.guestOut()).isEqualTo("42\n");
    assertThat(sum.status()).isZero();

    assertThat(krustlet.call("run", component).guestErr()).contains("it has add");
    assertThat(krustlet.call("run", component + "#add", "x", "2").guestErr())
        .contains("argument left, `x`");
  }

  @Test
  void aTrapIs134WithItsReasonOnStderr() throws IOException {
    var outcome = krustlet.call("run", Files.write(directory.resolve("traps.wasm"), TRAPS));

    assertThat(outcome.status()).isEqualTo(134);
    assertThat(outcome.guestErr()).contains("unreachable");
  }

  @Test
  void aModuleThatWantsMoreMemoryThanItMayHaveDoesNotRun() throws IOException {
    var outcome = krustlet.call("run", HELLO, "--memory", "64Ki");

    assertThat(outcome.status()).isNotZero();
    assertThat(outcome.guestOut()).isEmpty();
    assertThat(krustlet.call("run", HELLO, "--memory", "64Mi").status()).isZero();
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
    assertThat(outcome.err())
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
  void aMissingEngineIs69() throws IOException {
    var outcome = krustlet.withEngine(directory.resolve("none")).call("run", HELLO);

    assertThat(outcome.status()).isEqualTo(69);
    assertThat(outcome.err()).contains("the installation is not whole").containsOnlyOnce("\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "run x.wasm --exit",
        "run x.wasm#",
        "run x.wasm --env novalue",
        "run x.wasm --env =v",
        "run x.wasm --dir /tmp",
        "run x.wasm --dir :/data",
        "run x.wasm --dir /tmp:relative",
        "run x.wasm --dir /tmp:/a:rw",
        "run x.wasm --memory much",
        "run x.wasm --memory 999999999999999999Gi",
        "walk x.wasm",
        "",
      })
  void wrongUsageIs64WithOneSentence(String words) throws IOException {
    var outcome = krustlet.call((Object[]) words.split(" ", -1));

    assertThat(outcome.status()).isEqualTo(64);
    assertThat(outcome.err())
        .startsWith("krustlet: ")
        .endsWith("--help` says more)\n")
        .containsOnlyOnce("\n")
        .doesNotContain("Exception");
    assertThat(outcome.out()).isEmpty();
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

  private String codeInCache() throws IOException {
    try (var files = Files.walk(krustlet.cache())) {
      Path code = files.filter(f -> f.toString().endsWith(".cwasm")).findFirst().orElseThrow();
      return Files.readAttributes(code, "unix:ino,ctime").toString();
    }
  }
}
