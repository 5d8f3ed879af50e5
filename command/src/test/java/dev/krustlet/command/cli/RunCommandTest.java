package dev.krustlet.command.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("engine")
final class RunCommandTest extends RunContract {
  @Override
  Krustlet installed(Path home) throws IOException {
    return Krustlet.installed(home);
  }

  @Test
  void theSecondRunTakesTheCodeFromTheCache() throws IOException {
    krustlet.call("run", HELLO);
    var firstCode = codeInCache();

    assertThat(krustlet.call("run", HELLO).status()).isZero();
    assertThat(codeInCache()).isEqualTo(firstCode);
  }

  @Test
  void aComponentOfWasi3RunsWithTheSwitchAlone() throws IOException {
    Path component = Krustlet.guest("command3");

    var refused = krustlet.call("run", component, "show");
    assertThat(refused.status()).isEqualTo(65);
    assertThat(refused.err()).contains("WASI 0.3", "wasi3 = true", "--wasi3");

    var ran = krustlet.call("run", "--wasi3", component, "show");
    assertThat(ran.guestOut()).endsWith("command3.wasm show\n");
    assertThat(ran.status()).isZero();
    assertThat(krustlet.call("cache", "ls").out()).contains(" current").doesNotContain(" old");
    assertThat(krustlet.call("cache", "prune").out()).contains("removed 0 modules");
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
  void whatStandsBehindInterfacesIsTheEnginesToRefuse() throws IOException {
    var directory = krustlet.call("run", HELLO, "--config-dir", "/none");
    assertThat(directory.status()).isEqualTo(65);
    assertThat(directory.guestErr()).contains("configuration directory /none: no such directory");

    var address = krustlet.call("run", HELLO, "--keyvalue", "10.0.0.1");
    assertThat(address.status()).isEqualTo(65);
    assertThat(address.guestErr()).contains("the address does not begin with redis://");
  }

  @Test
  void aModuleThatWantsMoreMemoryThanItMayHaveDoesNotRun() throws IOException {
    var outcome = krustlet.call("run", HELLO, "--memory", "64Ki");

    assertThat(outcome.status()).isNotZero();
    assertThat(outcome.guestOut()).isEmpty();
    assertThat(krustlet.call("run", HELLO, "--memory", "64Mi").status()).isZero();
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
        "run x.wasm --engine other",
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

  private String codeInCache() throws IOException {
    try (var files = Files.walk(krustlet.cache())) {
      Path code = files.filter(f -> f.toString().endsWith(".cwasm")).findFirst().orElseThrow();
      return Files.readAttributes(code, "unix:ino,ctime").toString();
    }
  }

  @Test
  void aModuleEndsWhenItsTimeIsOver() throws IOException {
    Path spin =
        Files.writeString(
            directory.resolve("spin.wat"), "(module (func (export \"_start\") (loop (br 0))))");

    var cpu = krustlet.call("run", spin, "--cpu-time", "20ms");
    assertThat(cpu.status()).isEqualTo(152);
    assertThat(cpu.guestErr()).contains("its CPU time of 20 ms is used up");
    assertThat(krustlet.call("run", spin, "--wall-time", "20ms").status()).isEqualTo(142);
  }

  @Test
  void aModuleThatNeedsWhatItMayNotUseDoesNotRun() throws IOException {
    Path tail =
        Files.writeString(
            directory.resolve("tail.wat"),
            "(module (func $end) (func (export \"_start\") return_call $end))");

    assertThat(krustlet.call("run", tail).status()).isZero();
    assertThat(krustlet.call("run", tail, "--wasm-features", "tail-calls,simd").status()).isZero();
    var refused = krustlet.call("run", tail, "--wasm-features", "simd");
    assertThat(refused.status()).isEqualTo(65);
    assertThat(refused.err()).contains("tail.wat", "tail-calls");
    assertThat(krustlet.call("run", tail, "--wasm-features", "none").status()).isEqualTo(65);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--outbound=https://a.example",
        "--inbound-port=0",
        "--listen=8080",
        "--cpu-time=soon",
        "--wall-time=0s",
        "--max-instances=0",
        "--max-outgoing-requests=many",
        "--http-max-body=0",
        "--wasm-features=simt"
      })
  void aPolicyThatCannotBeIsWrongUsage(String option) throws IOException {
    var refused = krustlet.call("run", HELLO, option);

    assertThat(refused.status()).isEqualTo(64);
    assertThat(refused.err()).contains(option.substring(0, option.indexOf('=')));
  }

  @Test
  void everyOptionOfAPolicyIsOneOfTheEngines() throws IOException {
    Path quiet =
        Files.writeString(directory.resolve("quiet.wat"), "(module (func (export \"_start\")))");
    var ran =
        krustlet.call(
            "run",
            quiet,
            "--outbound=*.example.com:443",
            "--outbound=10.0.0.0/8",
            "--inbound-port=none",
            "--max-outgoing-requests=1",
            "--max-instances=2",
            "--cpu-time=3s",
            "--wall-time=1m",
            "--deterministic",
            "--http-max-requests=5",
            "--http-request-timeout=6s",
            "--http-max-head=7Ki",
            "--http-max-body=8Mi",
            "--http-request-memory=9Mi",
            "--http-requests-per-instance=10",
            "--http-workers=1",
            "--http-access-log");

    assertThat(ran.guestErr()).isEmpty();
    assertThat(ran.status()).isZero();
  }
}
