package dev.krustlet.testbed.load;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/// What became of the requests of all clients.
final class Tally {
  final AtomicLong answered = new AtomicLong();

  /// Connections that were not made.
  final AtomicLong refused = new AtomicLong();

  /// New connections that ended before an answer to their first request began.
  final AtomicLong cutAtOnce = new AtomicLong();

  /// Kept connections that ended before an answer to another request began.
  final AtomicLong cutLater = new AtomicLong();

  private final Queue<String> problems = new ConcurrentLinkedQueue<>();

  /// @param sentence what must not be
  void problem(String sentence) {
    problems.add(sentence);
  }

  List<String> problems() {
    return List.copyOf(problems);
  }
}
