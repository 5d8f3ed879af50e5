package dev.krustlet.shim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The table "Rooms of the shim" of ARCHITECTURE.md: which room may import what.
///
/// @param cells the third column of each room's row
record RoomTable(Map<String, String> cells) {
  static final String SHIM = "dev.krustlet.shim.";

  /// A room without walls: the one that wires all others.
  private static final String ALL = "all";

  private static final Pattern ROW =
      Pattern.compile("^\\| `([a-z.]+)` \\|.*\\| ([^|]+) \\|$", Pattern.MULTILINE);

  /// What the table calls a library, and its packages.
  private static final Map<String, List<String>> LIBRARIES =
      Map.of(
          "JDK", List.of("java.."),
          "TLS", List.of("javax.net.ssl.."),
          "JSON", List.of("com.google.gson.."),
          "TOML", List.of("com.electronwill.nightconfig.."),
          "ttrpc", List.of("dev.krustlet.ttrpc.."),
          "proto", List.of("dev.krustlet.proto..", "com.google.protobuf.."),
          "gRPC", List.of("io.grpc..", "io.netty.."),
          "archives", List.of("org.apache.commons.compress.."),
          "wasmtime-java", List.of("io.github.kawamuray.wasmtime.."),
          "jib",
              List.of(
                  "com.google.cloud.tools.jib..",
                  "com.google.api.client.http..",
                  "com.fasterxml.jackson.annotation.."));

  /// One thing that a room may import.
  record Allowance(String name, List<String> packages) {}

  static RoomTable ofArchitecture() {
    Path page = Path.of(System.getProperty("krustlet.root"), "ARCHITECTURE.md");
    try {
      return of(Files.readString(page));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RoomTable of(String page) {
    String section = page.substring(page.indexOf("## Rooms of the shim"));
    int next = section.indexOf("\n## ", 1);
    Map<String, String> cells = new LinkedHashMap<>();
    ROW.matcher(next < 0 ? section : section.substring(0, next))
        .results()
        .forEach(row -> cells.put(row.group(1), row.group(2).strip()));
    return new RoomTable(cells);
  }

  Set<String> rooms() {
    return cells.keySet();
  }

  /// All rooms but the one that may import everything.
  Set<String> walled() {
    return cells.keySet().stream()
        .filter(room -> !cell(room).equals(ALL))
        .collect(Collectors.toUnmodifiableSet());
  }

  List<Allowance> allowances(String room) {
    return Stream.of(cell(room).split(", ")).map(this::allowance).toList();
  }

  private String cell(String room) {
    return cells.getOrDefault(room, "");
  }

  private Allowance allowance(String word) {
    if (word.startsWith("`")) {
      String room = word.replace("`", "");
      if (!cells.containsKey(room)) {
        throw new IllegalArgumentException("the table allows a room that it has not: " + room);
      }
      return new Allowance(room, List.of(SHIM + room));
    }
    if (!LIBRARIES.containsKey(word)) {
      throw new IllegalArgumentException("the table allows a library without packages: " + word);
    }
    return new Allowance(word, LIBRARIES.getOrDefault(word, List.of()));
  }
}
