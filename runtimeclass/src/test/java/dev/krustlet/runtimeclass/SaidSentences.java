package dev.krustlet.runtimeclass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The string literals of our programs, as lists of words. A placeholder stands for any text.
///
/// @param literals the words of each
record SaidSentences(List<List<String>> literals) {
  private static final List<String> SOURCES =
      List.of("shim/src/main/java", "shim/src/main/dist", "command/src/main/java", "engine/src");

  private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\]++|\\\\.)*+)\"");

  /// Two literals that are one sentence, in Java and in Rust.
  private static final Pattern JOINT = Pattern.compile("\"\\s*\\+\\s*\"|\\\\\\n\\s*");

  private static final Pattern PLACEHOLDER =
      Pattern.compile("%(?:\\d\\$)?[sdx]|\\{[a-z_0-9:?]*}|\\$\\{?[A-Za-z_0-9]+}?");

  static SaidSentences ofPrograms() throws IOException {
    List<List<String>> literals = new ArrayList<>();
    for (String directory : SOURCES) {
      try (Stream<Path> files = Files.walk(Checkout.file(directory))) {
        for (Path each : files.filter(Files::isRegularFile).toList()) {
          String source = Files.readString(each);
          literals.addAll(directory.endsWith("dist") ? linesOf(source) : in(source));
        }
      }
    }
    return new SaidSentences(literals);
  }

  static List<List<String>> in(String source) {
    return LITERAL
        .matcher(JOINT.matcher(source).replaceAll(""))
        .results()
        .map(found -> words(found.group(1).replace("\\\"", "\"")))
        .toList();
  }

  /// A script quotes in too many ways, so that each of its lines counts as a literal.
  private static List<List<String>> linesOf(String script) {
    return script.lines().map(SaidSentences::words).toList();
  }

  private static List<String> words(String text) {
    return Arrays.asList(text.strip().split("\\s+"));
  }

  /// Whether a literal has these words in a row.
  boolean have(String fragment) {
    List<String> wanted = words(fragment);
    return literals.stream().anyMatch(literal -> has(literal, wanted));
  }

  private static boolean has(List<String> literal, List<String> wanted) {
    for (int from = 0; from + wanted.size() <= literal.size(); from++) {
      if (matches(literal.subList(from, from + wanted.size()), wanted)) {
        return true;
      }
    }
    return false;
  }

  /// The first and the last word of what was wanted may be parts of words.
  private static boolean matches(List<String> literal, List<String> wanted) {
    for (int i = 0; i < wanted.size(); i++) {
      String before = i == 0 ? ".*" : "";
      String after = i == wanted.size() - 1 ? ".*" : "";
      String given = before + Pattern.quote(wanted.get(i)) + after;
      if (!literal.get(i).matches(given) && !wanted.get(i).matches(pattern(literal.get(i)))) {
        return false;
      }
    }
    return true;
  }

  private static String pattern(String word) {
    var pieces = PLACEHOLDER.split(word, -1);
    return pieces.length == 1
        ? Pattern.quote(word)
        : String.join(".*", Arrays.stream(pieces).map(Pattern::quote).toList());
  }
}
