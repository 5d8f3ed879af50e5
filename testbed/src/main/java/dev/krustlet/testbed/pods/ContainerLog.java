package dev.krustlet.testbed.pods;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// What a container has written so far, as the kubelet finds it.
public record ContainerLog(List<LogLine> lines) {
  public ContainerLog {
    lines = List.copyOf(lines);
  }

  /// Reads a log file; empty if there is none. A line that is still being written is left out.
  static ContainerLog read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return new ContainerLog(List.of());
    }
    String text = Files.readString(file, StandardCharsets.UTF_8);
    return parse(text.substring(0, text.lastIndexOf('\n') + 1));
  }

  static ContainerLog parse(String text) {
    return new ContainerLog(text.lines().map(LogLine::parse).toList());
  }

  /// All that went to stdout.
  public String out() {
    return text("stdout");
  }

  /// All that went to stderr.
  public String err() {
    return text("stderr");
  }

  private String text(String stream) {
    return lines.stream()
        .filter(line -> line.stream().equals(stream))
        .map(line -> line.full() ? line.text() + "\n" : line.text())
        .collect(Collectors.joining());
  }
}
