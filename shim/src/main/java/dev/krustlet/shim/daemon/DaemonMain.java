package dev.krustlet.shim.daemon;

import dev.krustlet.shim.os.Daemon;
import dev.krustlet.shim.settings.Home;
import dev.krustlet.shim.settings.NodeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// The daemon's entry point; the launcher calls it, nobody else. What it prints on stderr before it
/// listens is what containerd shows the user.
public final class DaemonMain {
  private static final Duration WINNER_DEADLINE = Duration.ofSeconds(60);

  private DaemonMain() {}

  public static void main(String[] args) {
    int status = 1;
    try {
      run(DaemonArguments.parse(args));
      status = 0;
    } catch (IOException | IllegalArgumentException e) {
      System.err.println("krustlet: " + e.getMessage());
    } catch (InterruptedException _) {
      System.err.println("krustlet: interrupted while starting");
    }
    System.exit(status);
  }

  private static void run(DaemonArguments arguments) throws IOException, InterruptedException {
    Daemon.newSession();
    Optional<Registration> registration = Registration.claim(arguments.state());
    if (registration.isEmpty()) {
      awaitWinner(arguments.state().resolve("daemon"));
      return;
    }
    try (var registered = registration.get()) {
      NodeSettings settings =
          NodeSettings.read(NodeSettings.file(System.getenv(NodeSettings.FILE_VARIABLE)));
      Logs.toDirectory(settings.logDirectory(), arguments.namespace(), arguments.debug());
      new NodeDaemon(arguments, settings, Home.current(), ttrpcAddress(arguments), registered)
          .run();
    }
  }

  /// Another daemon was quicker; the launcher that started us finds its record.
  private static void awaitWinner(Path record) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + WINNER_DEADLINE.toNanos();
    while (!Files.exists(record)) {
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "another daemon holds the lock and has not listened for " + WINNER_DEADLINE);
      }
      Thread.sleep(20);
    }
  }

  /// Where events go: containerd names it in the environment; its default is beside the gRPC
  /// socket.
  private static Path ttrpcAddress(DaemonArguments arguments) {
    String address = System.getenv("TTRPC_ADDRESS");
    return Path.of(
        address == null || address.isEmpty() ? arguments.containerd() + ".ttrpc" : address);
  }
}
