package dev.krustlet.ttrpc;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;

/// Serves calls on a Unix socket. Only peers with the user id of this process are served; others
/// are hung up on.
///
/// Each connection has a virtual thread that reads, each call one that answers. What a peer does
/// wrong costs its call or its own connection, never more.
public final class TtrpcServer implements AutoCloseable {
  private final Path socket;
  private final ServerSocketChannel listener;
  private final UserPrincipal owner;
  private final Builder settings;
  private final ScheduledExecutorService timer = Timers.start("ttrpc-deadlines");
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

  private TtrpcServer(
      Path socket, ServerSocketChannel listener, UserPrincipal owner, Builder settings) {
    this.socket = socket;
    this.listener = listener;
    this.owner = owner;
    this.settings = settings;
  }

  public static Builder builder() {
    return new Builder();
  }

  /// How many peers are connected.
  public int connections() {
    return connections.size();
  }

  /// Stops listening, removes the socket, ends all connections and interrupts their handlers.
  @Override
  public void close() throws IOException {
    if (!listener.isOpen()) {
      return;
    }
    Files.deleteIfExists(socket);
    listener.close();
    connections.forEach(Connection::close);
    timer.shutdownNow();
  }

  private void accept() {
    while (listener.isOpen()) {
      try {
        admit(listener.accept());
      } catch (ClosedChannelException _) {
        return; // close() was called
      } catch (IOException e) {
        settings.onError.accept(new IOException("cannot accept on " + socket, e));
        pause();
      }
    }
  }

  private void admit(SocketChannel peer) throws IOException {
    if (connections.size() >= settings.maxConnections
        || !peer.getOption(ExtendedSocketOptions.SO_PEERCRED).user().equals(owner)) {
      peer.close();
      return;
    }
    var connection =
        new Connection(peer, settings.services, settings.maxOpenCalls, timer, settings.onError);
    connections.add(connection);
    Thread.ofVirtual()
        .name("ttrpc-connection")
        .start(() -> {
          connection.serve();
          connections.remove(connection);
        });
  }

  /// Out of descriptors, most likely: leaves time for others to close some.
  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Settings of a server.
  public static final class Builder {
    private final Map<String, Service> services = new LinkedHashMap<>();
    private int maxOpenCalls = 4096;
    private int maxConnections = 8192;
    private Consumer<Throwable> onError = _ -> {};

    private Builder() {}

    public Builder service(Service service) {
      services.put(service.name(), service);
      return this;
    }

    /// How many calls of one connection may be open at a time; more are answered
    /// `RESOURCE_EXHAUSTED`.
    public Builder maxOpenCalls(int calls) {
      maxOpenCalls = calls;
      return this;
    }

    /// How many connections may be open at a time; more are closed at once.
    public Builder maxConnections(int connections) {
      maxConnections = connections;
      return this;
    }

    /// Is told of failures that no caller can be told of, and of handlers that throw what they
    /// should not.
    public Builder onError(Consumer<Throwable> listener) {
      onError = listener;
      return this;
    }

    /// Binds the socket (mode 0600; its directory exists) and serves until [TtrpcServer#close].
    public TtrpcServer listen(Path socket) throws IOException {
      ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        listener.bind(UnixDomainSocketAddress.of(socket), 1024);
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        var server = new TtrpcServer(socket, listener, Files.getOwner(socket), this);
        Thread.ofVirtual().name("ttrpc-accept").start(server::accept);
        return server;
      } catch (IOException e) {
        listener.close();
        throw new IOException("cannot listen on %s: %s".formatted(socket, e.getMessage()), e);
      }
    }
  }
}
