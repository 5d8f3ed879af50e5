package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.Native.INT;
import static dev.krustlet.shim.os.Native.call;
import static dev.krustlet.shim.os.OpenFlags.O_CLOEXEC;
import static dev.krustlet.shim.os.OpenFlags.O_NONBLOCK;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// libc's calls about waiting for many things at once.
final class LibcEvents {
  private static final int EPOLLIN = 1;
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLL_CTL_DEL = 2;
  private static final int FOREVER = -1;

  // struct epoll_event is packed on x86_64 alone
  private static final int EVENT_DATA = Arch.X86_64 ? 4 : 8;
  private static final int EVENT_SIZE = EVENT_DATA + Long.BYTES;
  private static final ValueLayout.OfLong DATA = ValueLayout.JAVA_LONG_UNALIGNED;

  private static final CFunction EPOLL_CREATE1 = CFunction.of("epoll_create1");
  private static final CFunction EPOLL_CTL = CFunction.of("epoll_ctl");
  private static final CFunction EPOLL_WAIT = CFunction.of("epoll_wait");
  private static final CFunction EVENTFD = CFunction.of("eventfd");
  private static final CFunction INOTIFY_INIT1 = CFunction.of("inotify_init1");
  private static final CFunction INOTIFY_ADD_WATCH = CFunction.of("inotify_add_watch");

  private static final CFunction INOTIFY_RM_WATCH = CFunction.of("inotify_rm_watch");

  private LibcEvents() {}

  static Fd epoll() throws ErrnoException {
    return new Fd(
        (int) call("make an", "epoll", (_, errno) -> EPOLL_CREATE1.asInt(errno, O_CLOEXEC)));
  }

  static void add(Fd epoll, Fd fd, long token) throws ErrnoException {
    control(epoll, EPOLL_CTL_ADD, fd, token);
  }

  static void remove(Fd epoll, Fd fd) throws ErrnoException {
    control(epoll, EPOLL_CTL_DEL, fd, 0);
  }

  private static void control(Fd epoll, int operation, Fd fd, long token) throws ErrnoException {
    call(
        "epoll_ctl",
        fd,
        (arena, errno) -> {
          var event = arena.allocate(EVENT_SIZE, Long.BYTES);
          event.set(INT, 0, EPOLLIN);
          event.set(DATA, EVENT_DATA, token);
          return EPOLL_CTL.asInt(errno, epoll.number(), operation, fd.number(), event.address());
        });
  }

  /// Blocks until something is readable; the tokens of what is, at most `max`.
  static long[] await(Fd epoll, int max) throws ErrnoException {
    var tokens = new long[max];
    long count =
        call(
            "wait for",
            "epoll",
            (arena, errno) -> {
              var events = arena.allocate((long) EVENT_SIZE * max, Long.BYTES);
              int ready = EPOLL_WAIT.asInt(errno, epoll.number(), events.address(), max, FOREVER);
              copyTokens(events, ready, tokens);
              return ready;
            });
    return Arrays.copyOf(tokens, (int) count);
  }

  private static void copyTokens(MemorySegment events, int ready, long[] tokens) {
    for (int i = 0; i < ready; i++) {
      tokens[i] = events.get(DATA, (long) i * EVENT_SIZE + EVENT_DATA);
    }
  }

  static Fd eventfd() throws ErrnoException {
    return new Fd(
        (int)
            call(
                "make an",
                "eventfd",
                (_, errno) -> EVENTFD.asInt(errno, 0, O_CLOEXEC | O_NONBLOCK)));
  }

  static Fd inotify() throws ErrnoException {
    return new Fd(
        (int)
            call(
                "make an",
                "inotify",
                (_, errno) -> INOTIFY_INIT1.asInt(errno, O_CLOEXEC | O_NONBLOCK)));
  }

  static int watch(Fd inotify, String path, int mask) throws ErrnoException {
    return (int)
        call(
            "watch",
            path,
            (arena, errno) ->
                INOTIFY_ADD_WATCH.asInt(errno, inotify.number(), Native.string(arena, path), mask));
  }

  static void unwatch(Fd inotify, int watch) throws ErrnoException {
    call("end watch", watch, (_, errno) -> INOTIFY_RM_WATCH.asInt(errno, inotify.number(), watch));
  }
}
