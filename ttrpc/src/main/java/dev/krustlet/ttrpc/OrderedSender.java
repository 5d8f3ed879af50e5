package dev.krustlet.ttrpc;

import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Delivers messages to a server in the order they were given, one at a time, over as many
/// connections as it takes.
///
/// While the server is away messages wait, up to a bound; beyond it the oldest is lost. A message
/// that a living server refuses several times is lost as well, so that it does not hold up the
/// rest. Losses are told to a listener.
public final class OrderedSender implements AutoCloseable {
  /// How patient a sender is.
  ///
  /// @param queue how many messages may wait
  /// @param call how long one delivery may take
  /// @param attempts how often a message is offered to a living server
  /// @param firstPause before trying again; doubles up to `longestPause`
  /// @param drain how long [#close] waits for what is queued
  public record Settings(
      int queue,
      Duration call,
      int attempts,
      Duration firstPause,
      Duration longestPause,
      Duration drain) {
    public static final Settings DEFAULT =
        new Settings(
            2048,
            Duration.ofSeconds(5),
            8,
            Duration.ofMillis(50),
            Duration.ofMillis(250), // to look for a socket costs next to nothing
            Duration.ofSeconds(5));
  }

  private static final Duration LAST_STEPS = Duration.ofSeconds(1);

  private record Message(
      String service, String method, MessageLite body, Map<String, String> metadata) {}

  private final Path socket;
  private final Settings settings;
  private final Consumer<String> onLoss;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Message> queue = new ArrayDeque<>(); // under lock; the head is being sent
  private boolean closing; // under lock
  private @Nullable TtrpcClient client; // of the sender's thread

  private OrderedSender(Path socket, Settings settings, Consumer<String> onLoss) {
    this.socket = socket;
    this.settings = settings;
    this.onLoss = onLoss;
    this.thread = Thread.ofVirtual().name("ttrpc-sender").unstarted(this::run);
  }

  public static OrderedSender to(Path socket, Settings settings, Consumer<String> onLoss) {
    var sender = new OrderedSender(socket, settings, onLoss);
    sender.thread.start();
    return sender;
  }

  /// Queues a message. Never blocks. After [#close] it is lost.
  ///
  /// A message whose answer was lost with its connection is sent again: at least once, not exactly.
  public void send(
      String service, String method, MessageLite message, Map<String, String> metadata) {
    boolean late;
    boolean lost = false;
    lock.lock();
    try {
      late = closing;
      if (!late && queue.size() >= settings.queue()) {
        // the head may be on its way; the one after it is the oldest that is surely still here
        Message head = queue.removeFirst();
        queue.pollFirst();
        queue.addFirst(head);
        lost = true;
      }
      if (!late) {
        queue.addLast(new Message(service, method, message, Map.copyOf(metadata)));
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (late) {
      onLoss.accept("%s came after the sender to %s was closed".formatted(method, socket));
    } else if (lost) {
      onLoss.accept("%s is away and %d messages wait".formatted(socket, settings.queue()));
    }
  }

  /// Waits until everything queued was delivered; false if the deadline came first.
  public boolean flush(Duration deadline) throws InterruptedException {
    long left = deadline.toNanos();
    lock.lock();
    try {
      while (!queue.isEmpty() && left > 0) {
        left = changed.awaitNanos(left);
      }
      return queue.isEmpty();
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
      while (true) {
        deliver(head());
        delivered();
      }
    } catch (InterruptedException _) {
      // close() was called
    } finally {
      disconnect();
      reportRest();
    }
  }

  private void reportRest() {
    int rest;
    lock.lock();
    try {
      rest = queue.size();
      queue.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (rest > 0) {
      onLoss.accept("%s was not there for the last %d messages".formatted(socket, rest));
    }
  }

  private Message head() throws InterruptedException {
    lock.lock();
    try {
      while (queue.isEmpty()) {
        if (closing) {
          throw new InterruptedException("closed");
        }
        changed.await();
      }
      return queue.getFirst();
    } finally {
      lock.unlock();
    }
  }

  private void delivered() {
    lock.lock();
    try {
      queue.removeFirst();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
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
        if (++refusals >= settings.attempts()) {
          onLoss.accept("%s refused %s: %s".formatted(socket, message.method(), e.getMessage()));
          return;
        }
      }
      TimeUnit.NANOSECONDS.sleep(pause);
      pause = Math.min(2 * pause, settings.longestPause().toNanos());
    }
  }

  private void offer(Message m) throws IOException, TtrpcException, InterruptedException {
    if (client == null || client.closed()) {
      client = TtrpcClient.connect(socket);
    }
    client.call(
        m.service(),
        m.method(),
        m.body(),
        Empty.parser(),
        new CallOptions(settings.call(), m.metadata()));
  }

  private void disconnect() {
    if (client != null) {
      client.close();
      client = null;
    }
  }
}
