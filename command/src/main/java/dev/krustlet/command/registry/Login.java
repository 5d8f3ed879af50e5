package dev.krustlet.command.registry;

import com.google.cloud.tools.jib.api.Credential;
import com.google.cloud.tools.jib.registry.credentials.DockerConfigCredentialRetriever;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// Who we are for a registry.
public sealed interface Login {
  /// What `docker login` left, or the credential helpers that its file names.
  ///
  /// @param warn told what cannot be used of it
  record FromDocker(Path config, Consumer<String> warn) implements Login {}

  record Password(String user, String password) implements Login {
    @Override
    public String toString() {
      return user; // a password is not for logs
    }
  }

  /// How long a credential helper may take: it may have to ask somebody.
  Duration HELPER_DEADLINE = Duration.ofSeconds(60);

  private static Optional<Credential> ofDocker(FromDocker login, String server) throws IOException {
    return DockerConfigCredentialRetriever.create(server, login.config())
        .retrieve(event -> {
          switch (event.getLevel()) {
            case ERROR, WARN -> login.warn().accept(event.getMessage());
            default -> {}
          }
        });
  }

  /// What we show a registry; empty if we have nothing for it.
  ///
  /// @param server as jib calls the registry
  static Optional<Credential> find(Login login, String server)
      throws IOException, InterruptedException {
    return switch (login) {
      case Password p -> Optional.of(Credential.from(p.user(), p.password()));
      case FromDocker docker -> inTime(docker, server);
    };
  }

  private static Optional<Credential> inTime(FromDocker docker, String server)
      throws IOException, InterruptedException {
    var found = new CompletableFuture<Optional<Credential>>();
    Thread.ofVirtual()
        .name("credentials")
        .start(() -> {
          try {
            found.complete(ofDocker(docker, server));
          } catch (IOException | RuntimeException e) {
            found.completeExceptionally(e);
          }
        });
    try {
      return found.get(HELPER_DEADLINE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException(
          "the credentials in %s cannot be read: %s".formatted(docker.config(), e.getMessage()), e);
    } catch (TimeoutException e) {
      throw new IOException(
          "the credential helper of %s for %s did not answer within %d s; --user and"
                  .formatted(docker.config(), server, HELPER_DEADLINE.toSeconds())
              + " --password-stdin do without it",
          e);
    }
  }
}
