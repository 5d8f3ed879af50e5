package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.Native.INT;
import static dev.krustlet.shim.os.Native.call;

import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// One wait for any of a few descriptors, on the calling thread (poll(2)).
final class Polling {
  static final short IN = 1;
  static final short OUT = 4;

  private static final int POLLFD_SIZE = 8;
  private static final int EVENTS = 4;
  private static final int REVENTS = 6;

  private static final CFunction POLL = CFunction.of("poll");

  private final Map<Fd, Short> wanted = new LinkedHashMap<>();
  private final Map<Fd, Short> ready = new LinkedHashMap<>();

  /// What is wanted of nothing is not looked at: a hang-up would be reported all the time.
  void want(Fd fd, int events) {
    if (events != 0) {
      wanted.put(fd, (short) events);
    }
  }

  /// Waits for as long as it takes.
  void await() throws ErrnoException {
    boolean _ = await(-1);
  }

  /// @return whether anything is ready
  boolean await(Duration deadline) throws ErrnoException {
    return await((int) deadline.toMillis());
  }

  /// Whether it can be read or written, or has hung up, which reading and writing tell.
  boolean ready(Fd fd, short event) {
    short events = ready.getOrDefault(fd, (short) 0);
    return (events & event) != 0 || (events & ~(IN | OUT)) != 0;
  }

  private boolean await(int millis) throws ErrnoException {
    ready.clear();
    try {
      return call(
              "wait for",
              wanted.keySet(),
              (arena, errno) -> {
                var fds = arena.allocate((long) POLLFD_SIZE * wanted.size(), Long.BYTES);
                long at = 0;
                for (var each : wanted.entrySet()) {
                  fds.set(INT, at, each.getKey().number());
                  fds.set(ValueLayout.JAVA_SHORT, at + EVENTS, each.getValue());
                  at += POLLFD_SIZE;
                }
                int count = POLL.asInt(errno, fds.address(), wanted.size(), millis);
                at = 0;
                for (Fd fd : wanted.keySet()) {
                  ready.put(fd, fds.get(ValueLayout.JAVA_SHORT, at + REVENTS));
                  at += POLLFD_SIZE;
                }
                return count;
              })
          > 0;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EINTR) {
        ready.clear();
        return false;
      }
      throw e;
    }
  }
}
