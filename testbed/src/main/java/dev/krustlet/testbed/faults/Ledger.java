package dev.krustlet.testbed.faults;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/// What was done, and what was wrong. Threads share it.
final class Ledger {
  /// What must not happen.
  enum Wrong {
    LEAK,
    LOST_EXIT,
    LOST_LOG_BYTES,
    OTHER
  }

  private final Map<String, AtomicLong> operations = new ConcurrentHashMap<>();
  private final Map<String, AtomicLong> faults = new ConcurrentHashMap<>();
  private final Map<Wrong, AtomicLong> wrongs = new ConcurrentHashMap<>();
  private final Queue<String> sentences = new ConcurrentLinkedQueue<>();

  void did(String operation) {
    count(operations, operation, 1);
  }

  void injected(String fault) {
    count(faults, fault, 1);
  }

  void wrong(Wrong kind, String sentence) {
    wrong(kind, 1, sentence);
  }

  void wrong(Wrong kind, long times, String sentence) {
    count(wrongs, kind, times);
    sentences.add("%s: %s".formatted(kind, sentence));
  }

  private static <K> void count(Map<K, AtomicLong> counts, K key, long times) {
    counts.computeIfAbsent(key, _ -> new AtomicLong()).addAndGet(times);
  }

  private static Map<String, Long> sorted(Map<String, AtomicLong> counts) {
    var all = new TreeMap<String, Long>();
    counts.forEach((key, value) -> all.put(key, value.get()));
    return all;
  }

  /// How often, by name.
  Map<String, Long> operations() {
    return sorted(operations);
  }

  /// How often, by name.
  Map<String, Long> faults() {
    return sorted(faults);
  }

  long wrongs(Wrong kind) {
    AtomicLong count = wrongs.get(kind);
    return count == null ? 0 : count.get();
  }

  /// A sentence for everything that was wrong.
  List<String> sentences() {
    return List.copyOf(sentences);
  }
}
