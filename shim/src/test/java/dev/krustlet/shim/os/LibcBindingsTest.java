package dev.krustlet.shim.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Each function of libc has one place, with one typed method for each way to call it.
class LibcBindingsTest {
  private static final Path ROOM = Path.of("src/main/java/dev/krustlet/shim/os");
  private static final Pattern BINDING =
      Pattern.compile("CFunction\\s*\\.(?:of|find)\\(\"(\\w+)\"\\)");

  @Test
  void eachFunctionIsBoundOnce() throws IOException {
    List<String> bound;
    try (var files = Files.list(ROOM)) {
      bound = files.map(LibcBindingsTest::text).flatMap(LibcBindingsTest::bindings).toList();
    }

    assertThat(bound).contains("ioctl", "statx", "socket");
    assertThat(
            bound.stream()
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting())))
        .allSatisfy((name, times) -> assertThat(times).as(name).isEqualTo(1));
  }

  private static Stream<String> bindings(String text) {
    return BINDING.matcher(text).results().map(LibcBindingsTest::name);
  }

  private static String name(MatchResult binding) {
    return binding.group(1);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
