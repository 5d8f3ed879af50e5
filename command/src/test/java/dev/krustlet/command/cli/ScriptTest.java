package dev.krustlet.command.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The `krustlet` script and the search for Java, with programs in Java's place that tell how they
/// were called.
final class ScriptTest {
  private static final Path ROOT = Path.of(System.getProperty("krustlet.root"));

  private static final String TELLS =
      "#!/bin/sh\necho \"$0\"\necho \"options: ${JAVA_TOOL_OPTIONS-}${CLASSPATH-}\"\nfor a; do echo \"$a\"; done\n";

  @TempDir Path directory;
  private Path home;

  @BeforeEach
  void install() throws IOException {
    home = Files.createDirectories(directory.resolve("with space/krustlet"));
    Files.createDirectory(home.resolve("lib"));
    Files.copy(ROOT.resolve("command/src/main/dist/krustlet"), home.resolve("krustlet"));
    Files.copy(
        ROOT.resolve("shim/src/main/dist/lib/find-java.sh"), home.resolve("lib/find-java.sh"));
  }

  @Test
  void aLinkToItFindsTheInstallationAndArgumentsArriveAsTheyAre()
      throws IOException, InterruptedException {
    Path java = java("jre", "25");
    Path link = Files.createSymbolicLink(directory.resolve("krustlet"), home.resolve("krustlet"));

    String said = call(link, Map.of("JAVA_TOOL_OPTIONS", "-Xmx1m", "CLASSPATH", "x"), "a  b", "");

    assertThat(said.lines())
        .startsWith(java.toString(), "options: ")
        .contains("-Dkrustlet.home=" + home, home + "/lib/krustlet.jar:" + home + "/lib/command/*")
        .endsWith("dev.krustlet.command.cli.Main", "a  b", "");
  }

  @Test
  void theCacheOfLoadedClassesIsUsedIfThereIsOne() throws IOException, InterruptedException {
    java("jre", "25.0.3");
    assertThat(call(home.resolve("krustlet"), Map.of())).doesNotContain("AOTCache");

    Files.createFile(home.resolve("krustlet.aot"));

    assertThat(call(home.resolve("krustlet"), Map.of()).lines())
        .contains("-XX:AOTCache=" + home + "/krustlet.aot");
  }

  @Test
  void javaHomeIsTakenIfItIsAJava25() throws IOException, InterruptedException {
    Path java25 = java("java-25", "25.0.3");
    java("java-2", "2.5");
    java("java-250", "250");

    assertThat(call(home.resolve("krustlet"), javaHome("java-25"))).startsWith(java25.toString());
    assertThat(call(home.resolve("krustlet"), javaHome("java-2")))
        .doesNotContain(home + "/java-2/");
    assertThat(call(home.resolve("krustlet"), javaHome("java-250"))).doesNotContain("/java-250/");
  }

  @Test
  void aNamedJavaComesFirstAndIsRefusedIfItIsAnother() throws IOException, InterruptedException {
    java("jre", "25");
    Path java17 = java("java-17", "17.0.15");
    Path wrapper = program(directory.resolve("wrapper"));

    assertThat(call(home.resolve("krustlet"), Map.of("KRUSTLET_JAVA", wrapper.toString())))
        .startsWith(wrapper.toString());
    assertThat(call(home.resolve("krustlet"), Map.of("KRUSTLET_JAVA", java17.toString())))
        .isEqualTo(
            "krustlet: KRUSTLET_JAVA is '%s', which is not the java binary of a Java 25\nstatus 69\n"
                .formatted(java17));
  }

  private Map<String, String> javaHome(String name) {
    return Map.of("JAVA_HOME", home.resolve(name).toString());
  }

  /// A home of Java in the installation.
  private Path java(String name, String version) throws IOException {
    Path bin = Files.createDirectories(home.resolve(name).resolve("bin"));
    Files.writeString(
        home.resolve(name).resolve("release"),
        "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    return program(bin.resolve("java"));
  }

  private static Path program(Path file) throws IOException {
    Files.writeString(file, TELLS);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static String call(Path script, Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    var builder = new ProcessBuilder(script.toString()).redirectErrorStream(true);
    builder.command().addAll(List.of(args));
    builder.environment().keySet().removeAll(Set.of("JAVA_HOME", "KRUSTLET_JAVA"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    return status == 0 ? said : said + "status " + status + "\n";
  }
}
