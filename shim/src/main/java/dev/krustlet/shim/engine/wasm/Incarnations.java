package dev.krustlet.shim.engine.wasm;

import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Names of guests that an engine process never had before: `ID#n`. What comes late about one of
/// the same id is not taken for a word about its successor.
final class Incarnations {
  /// The engine's sentences begin with what it does or has, and to whom: `start ID#n: why not`.
  private static final Pattern SUBJECT = Pattern.compile("[a-z ]+ [^ ]+: ");

  private static final Pattern NUMBER = Pattern.compile("#\\d+");

  private final AtomicLong last = new AtomicLong();

  String next(String id) {
    return id + "#" + last.incrementAndGet();
  }

  /// The id alone, as users know the guest; an exec has its container's before it.
  static String plain(String incarnation) {
    return NUMBER.matcher(incarnation).replaceAll("");
  }

  /// A sentence of the engine with the id alone, as users know the guest.
  static String readable(String sentence) {
    Matcher subject = SUBJECT.matcher(sentence);
    return subject.lookingAt()
        ? plain(subject.group()) + sentence.substring(subject.end())
        : sentence;
  }
}
