package dev.krustlet.command.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One guest on the portable engine, in a JVM of its own: what it breaks is not this process, and
/// this process never loads the library.
record PortableRun(PortableEngine engine, StandardStreams streams) {
  /// A JVM takes its arguments for ASCII without a locale.
  private static final Map<String, String> ENVIRONMENT = Map.of("LC_ALL", "C.UTF-8");

  int run(
      Path file,
      List<String> arguments,
      List<EnvironmentVariable> environment,
      List<DirectoryMapping> directories)
      throws IOException, InterruptedException {
    List<String> command = jvm();
    addAll(command, environment);
    addAll(command, directories);
    command.add(file.toString());
    command.addAll(arguments);
    return Foreground.run(command, ENVIRONMENT, streams);
  }

  private List<String> jvm() {
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.library.path=" + engine.directory(),
            "-cp",
            System.getProperty("java.class.path") + File.pathSeparator + engine.directory(),
            PortableMain.class.getName()));
  }

  private static void addAll(List<String> command, List<?> values) {
    command.add(Integer.toString(values.size()));
    values.forEach(value -> command.add(value.toString()));
  }
}
