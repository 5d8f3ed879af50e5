package dev.krustlet.testbed.faults;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.krustlet.proto.events.TaskExit;
import dev.krustlet.proto.types.Envelope;
import dev.krustlet.testbed.Await;
import dev.krustlet.testbed.api.CallException;
import dev.krustlet.testbed.api.Ended;
import dev.krustlet.testbed.api.Exchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/// Every exit that containerd publishes, as a listener of its events hears it.
final class Heard implements AutoCloseable {
  private static final String EXIT = "/tasks/exit";
  private static final String PROBE = "/krustlet/probe";
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /// @param process the exec's id, or the container's
  /// @param heard of [System#nanoTime]
  record Exit(String container, String process, int pid, Ended ended, long heard) {}

  private final Exchange exchange;
  private final Thread thread;
  private final Queue<Exit> exits = new ConcurrentLinkedQueue<>();
  private final AtomicLong probes = new AtomicLong();
  private volatile boolean closed;

  private Heard(Exchange exchange) {
    this.exchange = exchange;
    this.thread = Thread.ofPlatform().daemon().name("event-listener").unstarted(this::run);
  }

  static Heard start(Exchange exchange) throws IOException, InterruptedException {
    var heard = new Heard(exchange);
    heard.thread.start();
    heard.awaitHearing();
    return heard;
  }

  private void run() {
    while (!closed) {
      exchange.listen(this::hear);
    }
  }

  private void hear(Envelope envelope) {
    if (envelope.getTopic().equals(PROBE)) {
      probes.incrementAndGet();
    } else if (envelope.getTopic().equals(EXIT)) {
      exits.add(exit(envelope));
    }
  }

  private static Exit exit(Envelope envelope) {
    try {
      var exit = TaskExit.parseFrom(envelope.getEvent().getValue());
      return new Exit(
          exit.getContainerId(),
          exit.getId(),
          exit.getPid(),
          Ended.of(exit.getExitStatus(), exit.getExitedAt()),
          System.nanoTime());
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Returns when it hears what is published now, which it does not as long as containerd is away.
  void awaitHearing() throws IOException, InterruptedException {
    long before = probes.get();
    Await.until(
        "an event of our own",
        DEADLINE,
        () -> {
          try {
            exchange.publish(PROBE);
          } catch (CallException _) {
            return false; // containerd is not back yet
          }
          return probes.get() > before;
        });
  }

  /// All exits of a process of a container, whatever its pid.
  List<Exit> of(String container, String process) {
    return exits.stream()
        .filter(exit -> exit.container().equals(container) && exit.process().equals(process))
        .toList();
  }

  @Override
  public void close() {
    closed = true;
  }
}
