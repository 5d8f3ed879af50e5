package dev.krustlet.shim.daemon;

import dev.krustlet.shim.os.Processes;
import dev.krustlet.shim.settings.Home;
import dev.krustlet.shim.settings.NodeSettings;
import dev.krustlet.ttrpc.TtrpcClient;
import dev.krustlet.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// One short life of a daemon with a few calls, in a directory of its own. Run while the
/// distribution is built, under a JVM that writes down which classes a daemon needs, so that the
/// real ones start with them.
public final class RehearsalMain {
  private RehearsalMain() {}

  public static void main(String[] args) {
    int status = 1;
    try {
      rehearse(Path.of(args[0]));
      status = 0;
    } catch (IOException e) {
      System.err.println("krustlet: the rehearsal failed: " + e.getMessage());
    } catch (InterruptedException _) {
      System.err.println("krustlet: the rehearsal was interrupted");
    }
    System.exit(status);
  }

  private static void rehearse(Path directory) throws IOException, InterruptedException {
    var arguments =
        new DaemonArguments(
            "rehearsal", directory.resolve("c.sock"), directory, directory.resolve("run"), false);
    NodeSettings settings = NodeSettings.read(file(directory));
    Logs.toDirectory(settings.logDirectory(), arguments.namespace(), false);
    var home = Home.current();
    Thread.ofVirtual().name("caller").start(() -> call(directory, home));
    try (var registration = Registration.claim(directory).orElseThrow()) {
      new NodeDaemon(arguments, settings, home, directory.resolve("c.sock.ttrpc"), registration)
          .run();
    }
  }

  private static Path file(Path directory) throws IOException {
    String toml =
        """
        idle_timeout = "500ms"
        cache_dir = "%1$s/cache"
        log_dir = "%1$s/log"
        """
            .formatted(directory);
    return Files.writeString(directory.resolve("config.toml"), toml);
  }

  private static void call(Path directory, Home home) {
    try {
      Path record = directory.resolve("daemon");
      while (!Files.exists(record)) {
        Thread.sleep(5);
      }
      String address = Files.readString(record).strip().replaceFirst(".* ", "");
      try (var client = TtrpcClient.connect(Path.of(address.substring("unix://".length())))) {
        var calls = new RehearsedCalls(client, directory);
        calls.refused();
        calls.runc();
        boolean refused = Processes.uid() != 0 || home.portableAlone();
        calls.wasm(home.directory().resolve("examples/hello/hello.wasm"), refused);
      }
    } catch (IOException | TtrpcException e) {
      System.err.println("krustlet: a rehearsed call failed: " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
