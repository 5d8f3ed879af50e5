package dev.krustlet.ttrpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import dev.krustlet.ttrpc.Backlog.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Delivers messages to a server in the order they were given, one at a time, over as many
/// connections as it takes.
///
/// While the server is away messages wait, up to a bound in bytes; a server that is too slow or
/// says that it is unavailable is away as well. Beyond the bound the oldest are dropped, and those
/// that last only after all others. A message that a living server refuses several times is lost,
/// so that it does not hold up the rest. Losses are told to a listener.
public final class OrderedSender implements AutoCloseable {
  /// How patient a sender is.
  ///
  /// @param queueBytes how much memory the messages that wait may hold
  /// @param call how long one delivery may take
  /// @param attempts how often a message is offered to a living server
  /// @param firstPause before trying again; doubles up to `longestPause`
  /// @param drain how long [#close] waits for what is queued
  public record Settings(
      long queueBytes,
      Duration call,
      int attempts,
      Duration firstPause,
      Duration longestPause,
      Duration drain) {
    public static final Settings DEFAULT =
        new Settings(
            16L << 20,
            Duration.ofSeconds(5),
            8,
            Duration.ofMillis(50),
            Duration.ofMillis(250), // to look for a socket costs next to nothing
            Duration.ofSeconds(5));
  }

  /// What a message is to its receiver.
  ///
  /// @param name how losses call it
  /// @param lasting whether it is dropped only after all that are not
  public record Kind(String name, boolean lasting) {}

  private static final Duration LAST_STEPS = Duration.ofSeconds(1);

  private final Path socket;
  private final Settings settings;
  private final Consumer<String> onLoss;
  private final Observer observer;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private final Backlog backlog; // its head is being sent

  @GuardedBy("lock")
  private boolean closing;

  private @Nullable TtrpcClient client; // of the sender's thread

  private OrderedSender(
      Path socket, Settings settings, Consumer<String> onLoss, Observer observer) {
    this.socket = socket;
    this.settings = settings;
    this.onLoss = onLoss;
    this.observer = observer;
    this.backlog = new Backlog(settings.queueBytes());
    this.thread = Thread.ofVirtual().name("ttrpc-sender").unstarted(this::run);
  }

  /// Begins to send.
  ///
  /// @param onLoss is told in a sentence of messages that are lost
  /// @param observer of the connections; also of attempts to connect in vain
  public static OrderedSender to(
      Path socket, Settings settings, Consumer<String> onLoss, Observer observer) {
    var sender = new OrderedSender(socket, settings, onLoss, observer);
    sender.thread.start();
    return sender;
  }

  /// Queues a message. Never blocks. After [#close] it is lost.
  ///
  /// A message whose answer was lost with its connection is sent again: at least once, not exactly.
  public void send(
      String service, String method, MessageLite message, Map<String, String> metadata, Kind kind) {
    boolean late;
    boolean full = false;
    lock.lock();
    try {
      late = closing;
      if (!late) {
        full = backlog.add(new Message(service, method, message, Map.copyOf(metadata), kind));
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (late) {
      onLoss.accept("%s came after the sender to %s was closed".formatted(kind.name(), socket));
    } else if (full) {
      onLoss.accept(
          "%s is away and messages of %d bytes wait; from now on the oldest are dropped"
              .formatted(socket, settings.queueBytes()));
    }
  }

  /// Waits until everything queued was delivered; false if the deadline came first.
  public boolean flush(Duration deadline) throws InterruptedException {
    long left = deadline.toNanos();
    lock.lock();
    try {
      while (!backlog.isEmpty() && left > 0) {
        left = changed.awaitNanos(left);
      }
      return backlog.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /// Takes no more, delivers what is queued if it can in time, and reports what it could not.
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      boolean _ = flush(settings.drain());
      thread.interrupt();
      boolean _ = thread.join(LAST_STEPS);
    } catch (InterruptedException _) {
      thread.interrupt(); // then nobody waits for the rest
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      for (var message = head(); message.isPresent(); message = head()) {
        deliver(message.get());
        delivered();
      }
    } catch (InterruptedException _) {
      // close() waits no longer
    } finally {
      disconnect();
      reportRest();
    }
  }

  private void reportRest() {
    int rest;
    String dropped;
    lock.lock();
    try {
      rest = backlog.size();
      dropped = backlog.takeDropped();
      backlog.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    reportDropped(dropped);
    if (rest > 0) {
      onLoss.accept("%s was not there for the last %d messages".formatted(socket, rest));
    }
  }

  private void reportDropped(String dropped) {
    if (!dropped.isEmpty()) {
      onLoss.accept("%s was away too long for %s".formatted(socket, dropped));
    }
  }

  /// The message to send next; empty when all are sent and no more are taken.
  private Optional<Message> head() throws InterruptedException {
    lock.lock();
    try {
      while (backlog.isEmpty()) {
        if (closing) {
          return Optional.empty();
        }
        changed.await();
      }
      return Optional.of(backlog.head());
    } finally {
      lock.unlock();
    }
  }

  private void delivered() {
    String dropped = "";
    lock.lock();
    try {
      backlog.removeHead();
      if (backlog.isEmpty()) {
        dropped = backlog.takeDropped();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    reportDropped(dropped);
  }

  private void deliver(Message message) throws InterruptedException {
    long pause = settings.firstPause().toNanos();
    int refusals = 0;
    while (true) {
      try {
        offer(message);
        return;
      } catch (IOException _) {
        disconnect(); // the server is away: however long that takes, the message waits
      } catch (TtrpcException e) {
        if (!isAway(e.code()) && ++refusals >= settings.attempts()) {
          onLoss.accept(
              "%s refused %s: %s".formatted(socket, message.kind().name(), e.getMessage()));
          return;
        }
      }
      TimeUnit.NANOSECONDS.sleep(pause);
      pause = Math.min(2 * pause, settings.longestPause().toNanos());
    }
  }

  /// A server that is stuck or begins or ends has not looked at the message.
  private static boolean isAway(Code code) {
    return code == Code.DEADLINE_EXCEEDED || code == Code.UNAVAILABLE;
  }

  private void offer(Message m) throws IOException, TtrpcException, InterruptedException {
    connected()
        .call(
            m.service(),
            m.method(),
            m.body(),
            Empty.parser(),
            new CallOptions(settings.call(), m.metadata()));
  }

  private TtrpcClient connected() throws IOException {
    if (client == null || client.closed()) {
      try {
        client = TtrpcClient.connect(socket, observer);
      } catch (IOException e) {
        Observed.connectFailed(observer, e);
        throw e;
      }
    }
    return client;
  }

  private void disconnect() {
    if (client != null) {
      client.close();
      client = null;
    }
  }
}
