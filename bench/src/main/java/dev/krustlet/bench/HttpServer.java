package dev.krustlet.bench;

import dev.krustlet.testbed.Command;
import dev.krustlet.testbed.http.HttpConnection;
import dev.krustlet.testbed.load.WebPods.WebPod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Something that serves the example.
///
/// @param key for the names of figures
/// @param words for people
/// @param address where it listens
/// @param pid of the process that answers
/// @param program that is ended with it, if it is one of its own
record HttpServer(
    String key, String words, InetSocketAddress address, long pid, Optional<Command> program)
    implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(60);

  /// What a server that is a program of its own is made of.
  ///
  /// @param component the example
  /// @param outputs a directory for what it writes
  record Plan(Path component, Path outputs) {
    /// Wasmtime's own command, which compiles the component before it listens.
    HttpServer wasmtime(Path program) throws IOException, InterruptedException {
      InetSocketAddress at = free();
      return start(
          "wasmtime_serve",
          at,
          List.of(program.toString(), "serve", "-Scli", "--addr", text(at), component.toString()));
    }

    /// Our engine, for one guest.
    HttpServer engine(Path program) throws IOException, InterruptedException {
      InetSocketAddress at = free();
      String script =
          "\"$0\" compile <\"$1\" >\"$2\" && exec \"$0\" run --env \"$3\" \"$2\" -- web";
      return start(
          "engine_run",
          at,
          List.of(
              "/bin/sh",
              "-c",
              script,
              program.toString(),
              component.toString(),
              outputs.resolve("web.cwasm").toString(),
              "KRUSTLET_HTTP_ADDR=" + text(at)));
    }

    private HttpServer start(String key, InetSocketAddress address, List<String> words)
        throws IOException, InterruptedException {
      Command command = Command.start(words, Map.of(), outputs);
      try {
        HttpConnection.awaitListener(address, SOON);
      } catch (IOException | InterruptedException e) {
        command.close();
        throw e;
      }
      String name = "`%s`".formatted(key.replace("engine", "krustlet-engine").replace('_', ' '));
      return new HttpServer(key, name, address, command.process().pid(), Optional.of(command));
    }
  }

  /// @param engine the process that answers for all pods
  static HttpServer of(WebPod pod, long engine) {
    return new HttpServer("pod", "a pod", pod.address(), engine, Optional.empty());
  }

  /// A port of the loopback that nobody has now.
  private static InetSocketAddress free() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
    }
  }

  private static String text(InetSocketAddress address) {
    return "%s:%d".formatted(address.getAddress().getHostAddress(), address.getPort());
  }

  String uri() {
    return "http://%s/".formatted(text(address));
  }

  /// What its process has had of the processors so far.
  Duration cpu() throws IOException {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().totalCpuDuration())
        .orElseThrow(() -> new IOException("%s has ended".formatted(words)));
  }

  @Override
  public void close() {
    program.ifPresent(Command::close);
  }
}
