package dev.krustlet.testbed;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// A server on the node, where its pods reach it, that says hello to whoever connects.
record Greeter(ServerSocket socket) implements AutoCloseable {
  static final String GREETING = "hello from the node\n";

  private static final int BACKLOG = 16;

  static Greeter start(String address) throws IOException {
    var greeter = new Greeter(new ServerSocket(0, BACKLOG, InetAddress.getByName(address)));
    Thread.ofPlatform().name("greeter").daemon().start(greeter::serve);
    return greeter;
  }

  int port() {
    return socket.getLocalPort();
  }

  private void serve() {
    while (!socket.isClosed()) {
      try (Socket client = socket.accept()) {
        client.getOutputStream().write(GREETING.getBytes(StandardCharsets.US_ASCII));
      } catch (IOException _) {
        // it is closed, or the client has gone and hears nothing
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
