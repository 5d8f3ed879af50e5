package dev.krustlet.testbed;

import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What is tried under what.
///
/// @param root of the checkout, for the examples
/// @param krustlet the distribution's directory
/// @param containerd the directory of `containerd` and `ctr`
public record Installation(Path root, Path krustlet, Path containerd) {
  /// One for each containerd that the main suites run under, the newest first: the directories of
  /// the system property `krustlet.containerds`, with commas between them; the machine's own unless
  /// set.
  public static List<Installation> ofBuild() {
    return named(System.getProperty("krustlet.containerds", "/usr/bin"));
  }

  /// The same and those of `krustlet.legacy`: lines of containerd that upstream has ended, under
  /// which a part of the suites runs.
  public static List<Installation> ofBuildAndLegacy() {
    return Stream.concat(
            ofBuild().stream(), named(System.getProperty("krustlet.legacy", "")).stream())
        .toList();
  }

  private static List<Installation> named(String directories) {
    return Stream.of(directories.split(","))
        .map(String::strip)
        .filter(directory -> !directory.isBlank())
        .map(directory -> under(Path.of(directory)))
        .toList();
  }

  /// What this checkout has built, under the programs of a directory.
  public static Installation under(Path containerd) {
    Path root = Path.of(System.getProperty("krustlet.root", "..")).toAbsolutePath().normalize();
    return new Installation(root, root.resolve("target/krustlet"), containerd);
  }

  /// Whether its containerd is of this version or a newer one.
  public boolean isSince(String version) throws IOException {
    return Version.parse(containerdVersion()).compareTo(Version.parse(version)) >= 0;
  }

  /// The newest version of configuration files that this containerd knows.
  public int configVersion() throws IOException {
    Version version = Version.parse(containerdVersion());
    if (version.compareTo(Version.parse("2.3")) >= 0) {
      return 4;
    }
    return version.compareTo(Version.parse("2.0")) >= 0 ? 3 : 2;
  }

  /// Whether this containerd makes containers of images that have no root.
  public boolean makesContainersWithoutRoot() throws IOException {
    String version = containerdVersion();
    String first = version.startsWith("1.6.") ? "1.6.25" : "1.7.7";
    return Version.parse(version).compareTo(Version.parse(first)) >= 0;
  }

  /// Whether this containerd asks a shim that is not runc's for its features.
  public boolean asksForFeatures() throws IOException {
    Version version = Version.parse(containerdVersion());
    String first =
        switch (version.toString().substring(0, 3)) {
          case "2.2" -> "2.2.7";
          case "2.3" -> "2.3.4";
          default -> "2.4.0";
        };
    return version.compareTo(Version.parse(first)) >= 0;
  }

  private String containerdVersion() throws IOException {
    String program = containerd.resolve("containerd").toString();
    Process asked = new ProcessBuilder(program, "--version").redirectErrorStream(true).start();
    String answer = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    var version = Pattern.compile("^containerd \\S+ v?(\\d+\\.\\d+\\.\\d+)").matcher(answer);
    if (!version.find()) {
      throw new IOException("`%s --version` says: %s".formatted(program, answer));
    }
    return version.group(1);
  }

  public Path example(String name) {
    return root.resolve("examples").resolve(name).resolve(name + ".wasm");
  }

  /// For the names of tests.
  @Override
  public String toString() {
    return "containerd in " + containerd;
  }
}
