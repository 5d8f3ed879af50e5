package dev.krustlet.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;

/// What figures depend on, with no name of a host in it.
///
/// @param memory bytes
/// @param load processes that ran or wanted to, on average of the minute before
record Machine(
    int cores,
    long memory,
    String architecture,
    String kernel,
    String java,
    String containerd,
    String runc,
    double load) {
  private static final Pattern VERSION = Pattern.compile("\\bv?(\\d+\\.\\d+\\.\\d+\\S*)");

  static Machine here(Path containerd) throws IOException {
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        memory(Files.readString(Path.of("/proc/meminfo"))),
        System.getProperty("os.arch", ""),
        System.getProperty("os.version", ""),
        Runtime.version().toString(),
        version(containerd.resolve("containerd").toString()),
        version("runc"),
        load(Files.readString(Path.of("/proc/loadavg"))));
  }

  static long memory(String meminfo) {
    String total =
        Arrays.stream(meminfo.split("\n", -1))
            .filter(line -> line.startsWith("MemTotal:"))
            .findFirst()
            .orElse("0");
    return Long.parseLong(total.replaceAll("\\D", "")) * 1024;
  }

  static double load(String loadavg) {
    return Double.parseDouble(loadavg.split(" ", -1)[0]);
  }

  private static String version(String program) throws IOException {
    Process asked = new ProcessBuilder(program, "--version").redirectErrorStream(true).start();
    String said = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    var version = VERSION.matcher(said);
    if (!version.find()) {
      throw new IOException("`%s --version` names no version: %s".formatted(program, said));
    }
    return version.group(1);
  }
}
