package dev.krustlet.ttrpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Compiles and runs the README's example, and holds the two texts against each other.
@Timeout(30)
class ReadmeTest {
  private static final Path HERE = Path.of("src/test/java/dev/krustlet/ttrpc/ReadmeTest.java");

  @TempDir private Path directory;

  @Test
  void theExampleAnswersWhatItSays() throws IOException, InterruptedException, TtrpcException {
    assertThat(example(directory.resolve("s"))).isEqualTo("HELLO");
  }

  @Test
  void theExampleIsTheOneInTheReadme() throws IOException {
    String readme = between(Files.readString(Path.of("README.md")), "```java\n", "```\n");
    String source = between(Files.readString(HERE), "// example begins\n", "// example ends\n");

    assertThat(readme).isNotBlank().isEqualToIgnoringWhitespace(source);
  }

  private static String example(Path socket)
      throws IOException, InterruptedException, TtrpcException {
    // example begins
    var words =
        Service.named("example.Words")
            .method(
                "Shout",
                StringValue.parser(),
                (context, q) -> StringValue.of(q.getValue().toUpperCase(Locale.ROOT)))
            .build();

    try (var _ = TtrpcServer.builder().service(words).listen(socket);
        var client = TtrpcClient.connect(socket)) {
      var options = CallOptions.timeout(Duration.ofSeconds(5));
      var answer =
          client.call(
              "example.Words", "Shout", StringValue.of("hello"), StringValue.parser(), options);
      return answer.getValue(); // HELLO
    }
    // example ends
  }

  private static String between(String text, String start, String end) {
    int from = text.indexOf(start) + start.length();
    return text.substring(from, text.indexOf(end, from));
  }
}
