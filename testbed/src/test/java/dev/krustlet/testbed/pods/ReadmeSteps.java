package dev.krustlet.testbed.pods;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// What the README tells the administrator of a node to do, word by word.
record ReadmeSteps(List<Block> blocks) {
  private static final Pattern FENCED = Pattern.compile("(?ms)^ *```(\\w+)\n(.*?)^ *```$");

  record Block(String language, String text) {
    boolean isToml(int version) {
      return language.equals("toml") && text.contains("version = %d\n".formatted(version));
    }
  }

  static ReadmeSteps read(Path checkout) throws IOException {
    String readme = Files.readString(checkout.resolve("README.md"));
    String section = readme.substring(readme.indexOf("\n## On a node\n"));
    return new ReadmeSteps(
        FENCED
            .matcher(section.substring(0, section.indexOf("\n## Status\n")))
            .results()
            .map(found ->
                new Block(found.group(1), found.group(2).stripTrailing().stripIndent() + "\n"))
            .toList());
  }

  /// The first step's commands.
  String unpack() {
    return text(block -> block.text.contains("tar -x"));
  }

  /// The second step's file.
  String config(int version) {
    return text(block -> block.isToml(version));
  }

  /// The files that the third step has Kubernetes apply.
  List<Path> applied() {
    return text(block -> block.text.contains("kubectl apply"))
        .lines()
        .filter(line -> line.startsWith("kubectl apply -f "))
        .map(line -> Path.of(line.substring("kubectl apply -f ".length())))
        .toList();
  }

  private String text(Predicate<Block> wanted) {
    return blocks.stream().filter(wanted).findFirst().orElseThrow().text;
  }
}
