package dev.krustlet.command.cli;

import dev.krustlet.command.registry.Access;
import dev.krustlet.command.registry.Login;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// How the commands that talk to a registry do so.
final class RegistryOptions {
  private static final int MAX_PASSWORD = 64 << 10;

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Option(
      names = "--user",
      paramLabel = "NAME",
      description =
          "who we are, with --password-stdin; default: what docker's config.json or its credential"
              + " helpers have for the registry")
  private @Nullable String user;

  @Option(names = "--password-stdin", description = "read the password from standard input")
  private boolean passwordStdin;

  @Option(
      names = "--insecure",
      description =
          "take plain HTTP and certificates that nobody vouches for; on loopback that is always so")
  private boolean insecure;

  @Option(names = "--json", description = "print one JSON object: name, digest, bytes")
  private boolean json;

  boolean json() {
    return json;
  }

  Access access() throws IOException {
    if ((user != null) != passwordStdin) {
      throw new ParameterException(
          spec.commandLine(), "--user and --password-stdin belong together");
    }
    return new Access(user == null ? docker() : new Login.Password(user, password()), insecure);
  }

  /// As docker finds it. Java's own idea of a home is not the environment's.
  private Login docker() {
    String home =
        Optional.ofNullable(System.getenv("HOME")).orElseGet(() -> System.getProperty("user.home"));
    String directory =
        Optional.ofNullable(System.getenv("DOCKER_CONFIG"))
            .filter(it -> !it.isEmpty())
            .orElse(home + "/.docker");
    return new Login.FromDocker(
        Path.of(directory).resolve("config.json"),
        warning -> spec.commandLine().getErr().println("krustlet: " + warning));
  }

  private String password() throws IOException {
    byte[] bytes = System.in.readNBytes(MAX_PASSWORD);
    String password = new String(bytes, StandardCharsets.UTF_8).replaceFirst("\\R$", "");
    if (password.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--password-stdin: standard input has no password");
    }
    return password;
  }
}
