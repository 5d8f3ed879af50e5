package dev.krustlet.testbed.load;

import dev.krustlet.testbed.http.HttpConnection;
import dev.krustlet.testbed.http.HttpHead;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/// One that always has a request under way, keeps a connection for a number of them, and goes to
/// the next address then or when it was let down. What it sends is its own, so that an answer to
/// another's request would be seen.
final class Client {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int KEPT = 20; // requests

  private final String name;
  private final Rotation rotation;
  private final Tally tally;
  private int sent;

  Client(String name, Rotation rotation, Tally tally) {
    this.name = name;
    this.rotation = rotation;
    this.tally = tally;
  }

  void work(BooleanSupplier goOn) {
    while (goOn.getAsBoolean()) {
      try (HttpConnection connection = HttpConnection.open(rotation.next(), PATIENCE)) {
        for (int i = 0; i < KEPT && goOn.getAsBoolean() && exchange(connection, i == 0); i++) {
          sent++;
        }
      } catch (SocketTimeoutException e) {
        tally.problem("%s: no connection: %s".formatted(name, e.getMessage()));
      } catch (IOException _) {
        tally.refused.incrementAndGet();
      }
    }
  }

  /// Returns whether the connection can be used again.
  private boolean exchange(HttpConnection connection, boolean first) {
    String content = name + "." + sent;
    HttpHead head;
    try {
      connection.post("/echo", content);
      head = connection.head();
    } catch (SocketTimeoutException _) {
      tally.problem(content + ": no answer in time");
      return false;
    } catch (IOException _) {
      (first ? tally.cutAtOnce : tally.cutLater).incrementAndGet();
      return false;
    }
    return complete(connection, head, content) && !head.closes();
  }

  private boolean complete(HttpConnection connection, HttpHead head, String content) {
    try {
      String answer = connection.content(head);
      if (head.status() == 200 && answer.equals(content)) {
        tally.answered.incrementAndGet();
        return true;
      }
      tally.problem("%s: answered with %d, '%s'".formatted(content, head.status(), answer));
    } catch (IOException e) {
      tally.problem("%s: half an answer: %s".formatted(content, e.getMessage()));
    }
    return false;
  }
}
