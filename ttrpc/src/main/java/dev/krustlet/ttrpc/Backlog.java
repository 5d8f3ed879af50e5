package dev.krustlet.ttrpc;

import com.google.protobuf.MessageLite;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Messages that wait for their server, in order and bounded in bytes. Beyond the bound the oldest
/// go first of those that are expendable, and then the oldest of the others. Not thread-safe.
final class Backlog {
  /// @param metadata of the call
  record Message(
      String service,
      String method,
      MessageLite body,
      Map<String, String> metadata,
      OrderedSender.Kind kind) {
    /// What the objects around a message hold of memory, about.
    private static final int OVERHEAD = 256;

    long size() {
      return (long) body.getSerializedSize() + OVERHEAD;
    }
  }

  private final long maxBytes;
  private final Deque<Message> messages = new ArrayDeque<>();
  private final Map<String, Integer> dropped = new TreeMap<>();
  private long bytes;

  Backlog(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  int size() {
    return messages.size();
  }

  Message head() {
    return messages.getFirst();
  }

  /// Adds a message.
  ///
  /// @return whether this is the first time since [#takeDropped] that something had to go for it
  boolean add(Message message) {
    boolean first = dropped.isEmpty();
    messages.addLast(message);
    bytes += message.size();
    while (bytes > maxBytes && messages.size() > 1) {
      drop();
    }
    return first && !dropped.isEmpty();
  }

  void removeHead() {
    bytes -= messages.removeFirst().size();
  }

  void clear() {
    messages.clear();
    bytes = 0;
  }

  /// How many of which kinds were dropped since the last call, in words; empty if none.
  String takeDropped() {
    String words =
        dropped.entrySet().stream()
            .map(each -> each.getValue() + " " + each.getKey())
            .collect(Collectors.joining(", "));
    dropped.clear();
    return words;
  }

  /// The head stays, for it may be on its way.
  private void drop() {
    if (!dropFirst(false)) {
      boolean _ = dropFirst(true);
    }
  }

  private boolean dropFirst(boolean lasting) {
    Iterator<Message> behindHead = messages.iterator();
    behindHead.next();
    while (behindHead.hasNext()) {
      Message each = behindHead.next();
      if (each.kind().lasting() == lasting) {
        behindHead.remove();
        bytes -= each.size();
        dropped.merge(each.kind().name(), 1, Integer::sum);
        return true;
      }
    }
    return false;
  }
}
