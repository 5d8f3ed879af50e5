package dev.krustlet.command.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("engine")
final class CompileCommandTest {
  private static final Path HELLO = Krustlet.example("hello");

  @TempDir Path directory;
  private Krustlet krustlet;

  @BeforeEach
  void install() throws IOException {
    krustlet = Krustlet.installed(Files.createDirectory(directory.resolve("home")));
  }

  @Test
  void theCacheIsWarmedAndItsFileNamed() throws IOException {
    var outcome = krustlet.call("compile", HELLO, "--json");

    assertThat(outcome.status()).isZero();
    var report = JsonParser.parseString(outcome.out()).getAsJsonObject();
    Path code = Path.of(report.get("path").getAsString());
    assertThat(code).startsWith(krustlet.cache()).hasSize(report.get("bytes").getAsLong());
    assertThat(report.get("milliseconds").getAsLong()).isNotNegative();
  }

  @Test
  void theCodeIsWrittenWhereItIsWanted() throws IOException {
    Path output = directory.resolve("hello.cwasm");

    var outcome = krustlet.call("compile", HELLO, "-o", output);

    assertThat(outcome.out())
        .matches("%s: %d bytes in \\d+ ms\n".formatted(output, Files.size(output)));
    assertThat(Files.readAllBytes(output)).startsWith(0x7f, 'E', 'L', 'F');
  }

  @Test
  void anOutputThatCannotBeWrittenIs74() throws IOException {
    var outcome = krustlet.call("compile", HELLO, "-o", directory.resolve("none/out"));

    assertThat(outcome.status()).isEqualTo(74);
    assertThat(outcome.err()).contains("cannot be written", "no such file or directory");
  }

  @Test
  void aCacheThatCannotBeMadeIs74() throws IOException {
    Files.writeString(krustlet.cache(), "in the way");

    var outcome = krustlet.call("compile", HELLO);

    assertThat(outcome.status()).isEqualTo(74);
    assertThat(outcome.err()).startsWith("krustlet: ").containsOnlyOnce("\n");
  }

  @Test
  void aTextFileIs65AndAMissingOne66() throws IOException {
    Path text = Files.writeString(directory.resolve("a.txt"), "text\n");

    assertThat(krustlet.call("compile", text).status()).isEqualTo(65);
    assertThat(krustlet.call("compile", "none.wasm").status()).isEqualTo(66);
  }
}
