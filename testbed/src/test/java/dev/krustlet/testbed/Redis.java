package dev.krustlet.testbed;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A Redis on the node, where its pods reach it.
final class Redis {
  /// Debian's package without a service has the server by this name.
  private static final Path PROGRAM = Path.of("/usr/bin/redis-check-rdb");

  private static final int PORT = 6379;

  private Redis() {}

  static boolean isInstalled() {
    return Files.isExecutable(PROGRAM);
  }

  /// Starts one and waits until it listens.
  ///
  /// @param address of the node, among its pods
  static Command start(TestPods pods, String address) throws IOException, InterruptedException {
    Path outputs = pods.bed().outputs();
    Path server = Files.createSymbolicLink(outputs.resolve("redis-server"), PROGRAM);
    var words =
        List.of(server.toString(), "--bind", address, "--protected-mode", "no", "--save", "");
    Command redis = Command.start(words, Map.of(), outputs);
    Await.until("a redis at " + address, TestPods.SOON, () -> listens(address));
    return redis;
  }

  /// What `krustlet.dev/keyvalue` calls it.
  static String url(String address) {
    return "redis://%s:%d".formatted(address, PORT);
  }

  private static boolean listens(String address) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, PORT), 1000);
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
