package dev.krustlet.testbed.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ComparisonTest {
  @TempDir Path directory;

  /// As ginkgo 2.28 writes it.
  private SuiteReport report(String runtime, String... cases) throws IOException {
    var text = new StringBuilder("<testsuites><testsuite name=\"suite\">");
    for (String each : cases) {
      String[] parts = each.split(": ", 2);
      text.append("<testcase name=\"%s\" status=\"%s\"></testcase>".formatted(parts[0], parts[1]));
    }
    Path file = directory.resolve(runtime + ".xml");
    Files.writeString(file, text.append("</testsuite></testsuites>"));
    return SuiteReport.read(runtime, file);
  }

  private static String printed(Comparison comparison) {
    var bytes = new ByteArrayOutputStream();
    comparison.print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void whatPassesElsewhereAloneIsAFault() throws IOException {
    var comparison =
        new Comparison(
            List.of(
                report("ours", "a: failed", "b: passed", "c: timedout", "d: passed"),
                report("theirs", "a: passed", "b: failed", "c: panicked", "d: passed")));
    assertThat(comparison.worse()).containsExactly("a");
    assertThat(comparison.isClean()).isFalse();
    assertThat(printed(comparison))
        .isEqualTo(
            """
            |  | ours | theirs |
            |---|---:|---:|
            | passed | 2 | 2 |
            | failed | 2 | 2 |

            | Specs that end differently | ours | theirs |
            |---|---|---|
            | a | failed | passed |
            | b | passed | failed |

            | Specs that fail with each | ours | theirs |
            |---|---|---|
            | c | failed | failed |
            """);
  }

  /// A suite that ended early reports no more of the specs that it had not come to.
  @Test
  void aSpecThatDidNotRunHasNotPassed() throws IOException {
    var comparison =
        new Comparison(
            List.of(report("ours", "a: passed"), report("theirs", "a: passed", "b: passed")));
    assertThat(comparison.worse()).containsExactly("b");
  }

  @Test
  void aSpecThatNobodyPassesIsNoFaultOfOurs() throws IOException {
    var comparison =
        new Comparison(
            List.of(
                report("ours", "a: failed", "b: passed", "c: skipped"),
                report("theirs", "a: failed", "b: skipped", "c: pending")));
    assertThat(comparison.worse()).isEmpty();
    assertThat(new Comparison(List.of(report("ours", "a: failed", "b: passed"))).isClean())
        .isTrue();
  }

  @Test
  void aRunOfNothingIsNoSuccess() throws IOException {
    var comparison = new Comparison(List.of(report("ours", "a: skipped"), report("theirs")));
    assertThat(comparison.isClean()).isFalse();
  }

  @Test
  void whatIsNoReportIsNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("broken.xml"), "<testsuites>");
    assertThatIOException()
        .isThrownBy(() -> SuiteReport.read("ours", file))
        .withMessageContaining("broken.xml is no report");
  }
}
