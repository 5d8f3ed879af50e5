package dev.krustlet.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// A registry on loopback with a directory of its own: the program of Debian's `docker-registry`.
///
/// @param address host and port, as in the names of its images
record RegistryProgram(Command program, String address) implements AutoCloseable {
  static final Path BINARY = Path.of("/usr/bin/docker-registry");
  static final String USER = "somebody";
  static final String PASSWORD = "open sesame";

  private static final String HASH = "$2b$05$Bp98gcpJdH7rfGpSrRwBPOla1FWrKRJi.uQFCXrONtbABpGWZTTNO";
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Pattern LISTENING = Pattern.compile("listening on (127.0.0.1:[0-9]+)");

  static RegistryProgram open(Path directory) throws IOException, InterruptedException {
    return start(directory, "");
  }

  /// One that wants to know who asks.
  static RegistryProgram locked(Path directory) throws IOException, InterruptedException {
    Path users = Files.writeString(directory.resolve("users"), USER + ":" + HASH + "\n");
    return start(directory, "auth: {htpasswd: {realm: ours, path: %s}}".formatted(users));
  }

  private static RegistryProgram start(Path directory, String more)
      throws IOException, InterruptedException {
    Path config = directory.resolve("config.yml");
    Files.writeString(
        config,
        """
        version: 0.1
        storage: {filesystem: {rootdirectory: %s}}
        http: {addr: "127.0.0.1:0", secret: ours}
        %s
        """
            .formatted(directory.resolve("data"), more));
    Path log = directory.resolve("log");
    var program =
        Command.start(
            List.of(
                "sh",
                "-c",
                "exec \"$0\" serve \"$1\" 2>\"$2\"",
                BINARY.toString(),
                config.toString(),
                log.toString()),
            Map.of(),
            directory);
    try {
      Await.until("a registry", SOON, () -> LISTENING.matcher(said(log)).find());
    } catch (IOException | InterruptedException e) {
      program.close();
      throw e;
    }
    var address = LISTENING.matcher(said(log));
    address.find();
    return new RegistryProgram(program, address.group(1));
  }

  private static String said(Path log) throws IOException {
    return Files.exists(log) ? Files.readString(log) : "";
  }

  @Override
  public void close() {
    program.close();
  }
}
