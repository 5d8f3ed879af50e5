package dev.krustlet.testbed.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A row for each test, which `scripts/cluster-test.sh` prints.
final class CaseTable {
  private static final Path ROWS = Path.of("target/cluster-cases/rows");

  private CaseTable() {}

  static void add(String result, ExtensionContext test, Instant begun) {
    String name = test.getRequiredTestMethod().getName();
    boolean repeated = test.getDisplayName().startsWith("[");
    String row =
        "%s\t%s\t%d\t%s%s\n"
            .formatted(
                result,
                test.getRequiredTestClass().getSimpleName(),
                Duration.between(begun, Instant.now()).toSeconds(),
                name,
                repeated ? " " + test.getDisplayName() : "");
    try {
      Files.createDirectories(ROWS.getParent());
      Files.writeString(ROWS, row, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
