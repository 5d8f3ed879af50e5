package dev.krustlet.shim.cli;

import dev.krustlet.proto.task.v2.ConnectRequest;
import dev.krustlet.proto.task.v2.ConnectResponse;
import dev.krustlet.proto.task.v2.CreateTaskRequest;
import dev.krustlet.proto.task.v2.CreateTaskResponse;
import dev.krustlet.proto.task.v2.StateRequest;
import dev.krustlet.proto.task.v2.StateResponse;
import dev.krustlet.shim.bootstrap.Config;
import dev.krustlet.shim.bootstrap.Registration;
import dev.krustlet.ttrpc.CallOptions;
import dev.krustlet.ttrpc.TtrpcClient;
import dev.krustlet.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// One short life of a daemon with a few calls, in a directory of its own. Run while the
/// distribution is built, under a JVM that writes down which classes a daemon needs, so that the
/// real ones start with them.
public final class RehearsalMain {
  private static final String SERVICE = "containerd.task.v2.Task";
  private static final CallOptions CALL = CallOptions.timeout(Duration.ofSeconds(10));
  private static final Duration IDLE = Duration.ofMillis(500);

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
    var config = new Config(IDLE, directory.resolve("cache"), 1 << 20, directory.resolve("log"));
    Logs.toDirectory(config.logDirectory(), arguments.namespace(), false);
    Path home = Path.of(System.getProperty("krustlet.home", ".")).toAbsolutePath();
    Thread.ofVirtual().name("caller").start(() -> call(directory));
    try (var registration = Registration.claim(directory).orElseThrow()) {
      new NodeDaemon(arguments, config, home, directory.resolve("c.sock.ttrpc"), registration)
          .run();
    }
  }

  private static void call(Path directory) {
    try {
      Path record = directory.resolve("daemon");
      while (!Files.exists(record)) {
        Thread.sleep(5);
      }
      String address = Files.readString(record).strip().replaceFirst(".* ", "");
      try (var client = TtrpcClient.connect(Path.of(address.substring("unix://".length())))) {
        client.call(
            SERVICE,
            "Connect",
            ConnectRequest.getDefaultInstance(),
            ConnectResponse.parser(),
            CALL);
        refused(client, directory);
      }
    } catch (IOException | TtrpcException e) {
      System.err.println("krustlet: a rehearsed call failed: " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void refused(TtrpcClient client, Path directory)
      throws IOException, InterruptedException {
    Files.writeString(directory.resolve("config.json"), "{\"process\":{\"args\":[\"/none\"]}}");
    try {
      var create = CreateTaskRequest.newBuilder().setId("r").setBundle(directory.toString());
      client.call(SERVICE, "Create", create.build(), CreateTaskResponse.parser(), CALL);
    } catch (TtrpcException _) {
      // there is no such program; the way to this answer is what is rehearsed
    }
    try {
      client.call(
          SERVICE,
          "State",
          StateRequest.newBuilder().setId("r").build(),
          StateResponse.parser(),
          CALL);
    } catch (TtrpcException _) {
      // nor such a container
    }
  }
}
