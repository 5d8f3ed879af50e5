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

/// A table of rooms in ARCHITECTURE.md: which room of a module may import what.
///
/// @param module the package that the rooms are in
/// @param cells the third column of each room's row
/// @param below the rooms of modules that this one may use, as this table calls them
public record RoomTable(String module, Map<String, String> cells, Set<String> below) {
  static final String SHIM = "dev.krustlet.shim";

  /// A room without walls: the one that wires all others.
  private static final String ALL = "all";

  private static final Pattern ROW =
      Pattern.compile("^\\| `([a-z.]+)` \\|.*\\| ([^|]+) \\|$", Pattern.MULTILINE);

  /// What the table calls a library, and its packages.
  private static final Map<String, List<String>> LIBRARIES =
      Map.ofEntries(
          Map.entry("JDK", List.of("java..")),
          Map.entry("TLS", List.of("javax.net.ssl..")),
          Map.entry("JSON", List.of("com.google.gson..")),
          Map.entry("TOML", List.of("com.electronwill.nightconfig..")),
          Map.entry("ttrpc", List.of("dev.krustlet.ttrpc..")),
          Map.entry("proto", List.of("dev.krustlet.proto..", "com.google.protobuf..")),
          Map.entry("gRPC", List.of("io.grpc..", "io.netty..")),
          Map.entry("archives", List.of("org.apache.commons.compress..")),
          Map.entry("wasmtime-java", List.of("io.github.kawamuray.wasmtime..")),
          Map.entry("picocli", List.of("picocli..")),
          Map.entry(
              "jib",
              List.of(
                  "com.google.cloud.tools.jib..",
                  "com.google.api.client.http..",
                  "com.fasterxml.jackson.annotation..")));

  /// One thing that a room may import.
  record Allowance(String name, List<String> packages) {}

  static RoomTable ofShim() {
    return new RoomTable(SHIM, cells("## Rooms of the shim"), Set.of());
  }

  /// The table of the command, in which `shim.ROOM` is a room of the shim.
  public static RoomTable ofCommand() {
    Set<String> below =
        ofShim().rooms().stream().map("shim."::concat).collect(Collectors.toUnmodifiableSet());
    return new RoomTable("dev.krustlet.command", cells("## Rooms of the command"), below);
  }

  private static Map<String, String> cells(String heading) {
    String page = page();
    String section = page.substring(page.indexOf(heading));
    int next = section.indexOf("\n## ", 1);
    Map<String, String> cells = new LinkedHashMap<>();
    ROW.matcher(next < 0 ? section : section.substring(0, next))
        .results()
        .forEach(row -> cells.put(row.group(1), row.group(2).strip()));
    return cells;
  }

  private static String page() {
    try {
      return Files.readString(Path.of(System.getProperty("krustlet.root"), "ARCHITECTURE.md"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String packageOf(String room) {
    return below.contains(room) ? "dev.krustlet." + room : module + "." + room;
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
      if (!cells.containsKey(room) && !below.contains(room)) {
        throw new IllegalArgumentException("the table allows a room that there is not: " + room);
      }
      return new Allowance(room, List.of(packageOf(room)));
    }
    if (!LIBRARIES.containsKey(word)) {
      throw new IllegalArgumentException("the table allows a library without packages: " + word);
    }
    return new Allowance(word, LIBRARIES.getOrDefault(word, List.of()));
  }
}
