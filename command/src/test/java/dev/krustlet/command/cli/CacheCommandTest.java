package dev.krustlet.command.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("engine")
final class CacheCommandTest {
  private static final String OLD = "a".repeat(64);

  @TempDir Path directory;
  private Krustlet krustlet;

  @BeforeEach
  void install() throws IOException {
    krustlet = Krustlet.installed(Files.createDirectory(directory.resolve("home")));
  }

  /// Puts a module of an engine into the cache that was used so long ago.
  private void cached(String engine, String digest, int bytes, Duration ago) throws IOException {
    Path place = Files.createDirectories(krustlet.cache().resolve(engine));
    Files.write(place.resolve(digest + ".cwasm"), new byte[bytes]);
    Path sum = Files.writeString(place.resolve(digest + ".sum"), "sum");
    Files.setLastModifiedTime(sum, FileTime.from(Instant.now().minus(ago)));
  }

  private String current() throws IOException {
    return json("cache", "ls", "--json").get("engine").getAsString();
  }

  private JsonObject json(Object... words) throws IOException {
    var outcome = krustlet.call(words);
    assertThat(outcome.status()).as(outcome.err()).isZero();
    return JsonParser.parseString(outcome.out()).getAsJsonObject();
  }

  private List<String> files(String engine) throws IOException {
    try (Stream<Path> files = Files.list(krustlet.cache().resolve(engine))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void noCacheIsAnEmptyList() throws IOException {
    var outcome = krustlet.call("cache", "ls");

    assertThat(outcome.status()).isZero();
    assertThat(outcome.out())
        .isEqualTo(
            "MODULE  SIZE  LAST USE  ENGINE\n0 modules, 0 B of 1.0 GiB in %s\n"
                .formatted(krustlet.cache()));
    assertThat(krustlet.cache()).doesNotExist();
  }

  @Test
  void whatWasCompiledIsListedWithItsEngine() throws IOException {
    krustlet.call("compile", Krustlet.example("hello"));
    cached("0ldengine0hash", OLD, 2048, Duration.ofDays(1));

    List<String> lines = krustlet.call("cache", "ls").out().lines().toList();

    String time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";
    assertThat(lines).hasSize(4);
    assertThat(lines.get(1)).matches("a{12}  2\\.0 KiB +" + time + "  0ldengine0ha old");
    assertThat(lines.get(2)).matches("[0-9a-f]{12}  [0-9.]+ KiB +" + time + "  \\S{1,12} current");
    assertThat(lines.get(3)).startsWith("2 modules, ");
  }

  @Test
  void programsReadTheSameAsJson() throws IOException {
    cached(current(), OLD, 7, Duration.ofDays(1));

    JsonObject listed = json("cache", "ls", "--json");

    assertThat(listed.get("maxBytes").getAsLong()).isEqualTo(1 << 30);
    var module = listed.getAsJsonArray("modules").get(0).getAsJsonObject();
    assertThat(module.get("digest").getAsString()).isEqualTo("sha256:" + OLD);
    assertThat(module.get("bytes").getAsLong()).isEqualTo(7);
    assertThat(module.get("current").getAsBoolean()).isTrue();
    assertThat(Instant.parse(module.get("lastUse").getAsString())).isBefore(Instant.now());
  }

  @Test
  void pruningTakesWhatOldEnginesCompiledAndNothingElse() throws IOException {
    String current = current();
    cached(current, "b".repeat(64), 10, Duration.ofDays(9));
    cached("old", OLD, 20, Duration.ofDays(1));
    Files.writeString(krustlet.cache().resolve("old/README"), "not ours");

    var outcome = krustlet.call("cache", "prune");

    assertThat(outcome.out()).endsWith("removed 1 module, 20 B\n");
    assertThat(files("old")).containsExactly("README");
    assertThat(files(current)).hasSize(2);
  }

  @Test
  void aBoundTakesOldEnginesFirstAndThenWhatWasUsedLongestAgo() throws IOException {
    String current = current();
    cached(current, "b".repeat(64), 10, Duration.ofDays(9));
    cached(current, "c".repeat(64), 10, Duration.ofDays(8));
    cached("old", OLD, 10, Duration.ofDays(1));

    JsonObject pruned = json("cache", "prune", "--keep-bytes", "15", "--json");

    assertThat(pruned.get("bytes").getAsLong()).isEqualTo(20);
    assertThat(files("old")).isEmpty();
    assertThat(files(current)).containsExactly("c".repeat(64) + ".cwasm", "c".repeat(64) + ".sum");
  }

  @Test
  void anAgeTakesWhatWasNotUsedForIt() throws IOException {
    cached("old", "b".repeat(64), 10, Duration.ofDays(9));
    cached("old", OLD, 10, Duration.ofDays(1));

    krustlet.call("cache", "prune", "--older-than", "7d");

    assertThat(files("old")).containsExactly(OLD + ".cwasm", OLD + ".sum");
  }

  @Test
  void whatWouldGoIsToldAndStays() throws IOException {
    cached("old", OLD, 10, Duration.ofDays(1));

    var outcome = krustlet.call("cache", "prune", "--all", "--dry-run");

    assertThat(outcome.out()).endsWith("would remove 1 module, 10 B\n");
    assertThat(files("old")).hasSize(2);
  }

  @Test
  void whatSomebodyMayBeAboutToLoadStays() throws IOException {
    cached("old", "b".repeat(64), 10, Duration.ZERO);
    cached("old", OLD, 10, Duration.ofDays(1));

    var outcome = krustlet.call("cache", "prune", "--all");

    assertThat(outcome.out()).endsWith("removed 1 module, 10 B\n");
    assertThat(files("old")).hasSize(2).noneMatch(name -> name.startsWith(OLD));
  }

  @Test
  void aCommandLineThatMakesNoSenseIs64() throws IOException {
    assertThat(krustlet.call("cache").err()).contains("a command is missing: ls, prune or warm");
    assertThat(krustlet.call("cache", "prune", "--all", "--keep-bytes", "1").status())
        .isEqualTo(64);
    assertThat(krustlet.call("cache", "prune", "--older-than", "soon").err())
        .contains("'soon' is no duration like 90s or 10m");
    assertThat(krustlet.call("cache", "prune", "--keep-bytes", "much").err())
        .contains("'much' is no size like 512Mi or 2Gi");
  }
}
