package dev.krustlet.ttrpc;

import com.google.protobuf.Empty;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import jdk.net.ExtendedSocketOptions;

/// Serves calls on a Unix socket. Only peers with the user id of this process are served; others
/// are hung up on.
///
/// Each connection has a virtual thread that reads, each call one that answers. What a peer does
/// wrong costs its call or its own connection, never more. Peers are admitted on a thread of their
/// own: the JDK looks for the names of a peer's user and group, and a directory service that hangs
/// must not keep a carrier of virtual threads.
public final class TtrpcServer implements AutoCloseable {
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);
  private static final CallOptions ADMISSION = CallOptions.timeout(Duration.ofSeconds(5));

  /// What the socket is called while it is asked whether somebody is still coming.
  private static final String ASIDE = ".last";

  private final Path socket;
  private final Object key;
  private final ServerSocketChannel listener;
  private final UserPrincipal owner;
  private final Builder settings;
  private final ScheduledExecutorService timer = Timers.start("ttrpc-deadlines");
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  private TtrpcServer(
      Path socket, ServerSocketChannel listener, UserPrincipal owner, Builder settings)
      throws IOException {
    this.socket = socket;
    this.key = keyOf(socket);
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

  /// Stops listening, removes the socket if it is still the one made here, lets answers that were
  /// given go out for at most a second, ends all connections and interrupts their handlers.
  @Override
  public void close() throws IOException {
    if (closed.compareAndSet(false, true)) {
      try (listener) {
        removeSocket();
      } finally {
        drain();
        connections.forEach(connection -> connection.close(null));
        timer.shutdownNow();
      }
    }
  }

  /// Stops listening for good, unless a peer is connected or `busy`. Peers count that connect at
  /// this moment: under another name the socket is asked last, so all who came before are admitted
  /// by then, and if there was one, the socket has its name again.
  ///
  /// @param busy is asked when no more peers can come
  /// @return whether it listens no more; then nobody is connected, and [#close] is still to be
  ///   called
  public boolean retire(BooleanSupplier busy) throws IOException, InterruptedException {
    if (!connections.isEmpty()) {
      return false;
    }
    Path aside = socket.resolveSibling(ASIDE);
    try {
      Files.move(socket, aside, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException _) {
      return !busy.getAsBoolean(); // nobody can come without it
    }
    boolean retired = false;
    try (var last = TtrpcClient.connect(aside)) {
      awaitAdmission(last);
      retired = connections.size() <= 1 && !busy.getAsBoolean();
      if (retired) {
        listener.close();
        Files.deleteIfExists(aside);
      }
      return retired;
    } finally {
      if (!retired) {
        Files.move(aside, socket, StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  /// Peers are admitted one after the other. So whoever is answered comes after all before it.
  private static void awaitAdmission(TtrpcClient last) throws IOException, InterruptedException {
    try {
      last.call("", "", Empty.getDefaultInstance(), Empty.parser(), ADMISSION);
    } catch (TtrpcException e) {
      if (e.code() != Code.UNIMPLEMENTED) {
        throw new IOException("the server does not answer itself: " + e.getMessage(), e);
      }
    }
  }

  private void removeSocket() throws IOException {
    try {
      if (key.equals(keyOf(socket))) {
        Files.deleteIfExists(socket);
      }
    } catch (NoSuchFileException _) {
      // somebody was faster
    }
  }

  /// Device and inode: what tells our socket from another that has taken its name.
  private static Object keyOf(Path socket) throws IOException {
    return Files.readAttributes(socket, BasicFileAttributes.class).fileKey();
  }

  private void drain() {
    long end = System.nanoTime() + LAST_ANSWERS.toNanos();
    try {
      for (var connection : connections) {
        connection.drain(end - System.nanoTime());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // then nobody waits for them
    }
  }

  private void accept() {
    while (listener.isOpen()) {
      try {
        serve(listener.accept());
      } catch (ClosedChannelException _) {
        return; // close() was called
      } catch (IOException e) {
        failed(new IOException("cannot accept on " + socket, e));
        pause();
      }
    }
  }

  private void serve(SocketChannel peer) throws IOException {
    try {
      admit(peer);
    } catch (IOException e) {
      peer.close();
      failed(e);
    }
  }

  private void failed(IOException failure) {
    Observed.failed(settings.observer, failure);
  }

  private void admit(SocketChannel peer) throws IOException {
    if (connections.size() >= settings.maxConnections) {
      throw new IOException("a peer is refused: %d are connected".formatted(connections.size()));
    }
    UserPrincipal user = peer.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
    if (!user.equals(owner)) {
      throw new IOException("a peer is refused: it runs as %s, not %s".formatted(user, owner));
    }
    var connection =
        new Connection(peer, settings.services, settings.limits, timer, settings.observer);
    connections.add(connection);
    Thread.ofVirtual()
        .name("ttrpc-connection")
        .start(() -> {
          connection.serve();
          connections.remove(connection);
        });
    if (closed.get()) {
      connection.close(null); // close() may have come too early to see it
    }
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
    private Limits limits = Limits.DEFAULT;
    private int maxConnections = 8192;
    private Observer observer = Observer.NONE;

    private Builder() {}

    public Builder service(Service service) {
      services.put(service.name(), service);
      return this;
    }

    /// How many calls of one connection may be open at a time; more are answered
    /// `RESOURCE_EXHAUSTED`.
    public Builder maxOpenCalls(int calls) {
      limits = limits.withOpenCalls(calls);
      return this;
    }

    /// How many bytes the requests of one connection's open calls may hold (64 MiB); more are
    /// answered `RESOURCE_EXHAUSTED`.
    public Builder maxRequestBytes(long bytes) {
      limits = limits.withRequestBytes(bytes);
      return this;
    }

    /// How long a peer may read nothing of what is written to it (30 s) before it is hung up on.
    public Builder patience(Duration duration) {
      limits = limits.withPatience(duration);
      return this;
    }

    /// How many connections may be open at a time; more are closed at once.
    public Builder maxConnections(int connections) {
      maxConnections = connections;
      return this;
    }

    /// Is told of connections, calls, and failures that no caller can be told of.
    public Builder observer(Observer listener) {
      observer = listener;
      return this;
    }

    /// Binds the socket (mode 0600; its directory exists) and serves until [TtrpcServer#close].
    public TtrpcServer listen(Path socket) throws IOException {
      ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        listener.bind(UnixDomainSocketAddress.of(socket), 1024);
      } catch (IOException | RuntimeException e) {
        listener.close();
        throw new IOException("cannot listen on %s: %s".formatted(socket, e.getMessage()), e);
      }
      try {
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        var server = new TtrpcServer(socket, listener, Files.getOwner(socket), this);
        Thread.ofPlatform().daemon().name("ttrpc-accept").start(server::accept);
        return server;
      } catch (IOException e) {
        listener.close();
        Files.deleteIfExists(socket);
        throw new IOException("cannot listen on %s: %s".formatted(socket, e.getMessage()), e);
      }
    }
  }
}
