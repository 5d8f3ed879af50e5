package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.Native.INT;
import static dev.krustlet.shim.os.Native.LONG;
import static dev.krustlet.shim.os.Native.call;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// libc's `posix_spawn`, whose functions return the error instead of setting errno.
final class LibcSpawn {
  private static final int SETSIGDEF = 0x04;
  private static final int SETSIGMASK = 0x08;

  // room for posix_spawnattr_t, posix_spawn_file_actions_t and sigset_t of glibc and of musl
  private static final int ATTRIBUTES = 512;
  private static final int ACTIONS = 256;
  private static final int SIGNALS = 128;
  private static final byte ALL = (byte) 0xff;
  private static final int FIRST_OTHER = 3;

  private static final CFunction SPAWN = CFunction.of("posix_spawn");
  private static final CFunction ATTR_INIT = CFunction.of("posix_spawnattr_init");
  private static final CFunction ATTR_DESTROY = CFunction.of("posix_spawnattr_destroy");
  private static final CFunction ATTR_FLAGS = CFunction.of("posix_spawnattr_setflags");
  private static final CFunction ATTR_DEFAULT = CFunction.of("posix_spawnattr_setsigdefault");
  private static final CFunction ATTR_MASK = CFunction.of("posix_spawnattr_setsigmask");
  private static final CFunction ACTIONS_INIT = CFunction.of("posix_spawn_file_actions_init");
  private static final CFunction ACTIONS_DESTROY = CFunction.of("posix_spawn_file_actions_destroy");
  private static final CFunction ADD_DUP2 = CFunction.of("posix_spawn_file_actions_adddup2");
  private static final CFunction ADD_CLOSE = CFunction.of("posix_spawn_file_actions_addclose");
  private static final CFunction ADD_CHDIR = CFunction.of("posix_spawn_file_actions_addchdir_np");

  /// Of glibc 2.34 and later.
  private static final Optional<CFunction> ADD_CLOSE_FROM =
      CFunction.find("posix_spawn_file_actions_addclosefrom_np");

  private LibcSpawn() {}

  static int start(Spawn wanted, List<Fd> standard) throws IOException {
    try (var arena = Arena.ofConfined()) {
      var attributes = arena.allocate(ATTRIBUTES, Long.BYTES);
      check(wanted, ATTR_INIT, attributes.address());
      try {
        childsSignals(wanted, arena, attributes);
        return start(wanted, standard, arena, attributes);
      } finally {
        check(wanted, ATTR_DESTROY, attributes.address());
      }
    }
  }

  private static void childsSignals(Spawn wanted, Arena arena, MemorySegment attributes)
      throws ErrnoException {
    var all = arena.allocate(SIGNALS, Long.BYTES).fill(ALL);
    var none = arena.allocate(SIGNALS, Long.BYTES);
    check(wanted, ATTR_DEFAULT, attributes.address(), all.address());
    check(wanted, ATTR_MASK, attributes.address(), none.address());
    check(wanted, ATTR_FLAGS, attributes.address(), SETSIGDEF | SETSIGMASK);
  }

  private static int start(Spawn wanted, List<Fd> standard, Arena arena, MemorySegment attributes)
      throws IOException {
    var actions = arena.allocate(ACTIONS, Long.BYTES);
    check(wanted, ACTIONS_INIT, actions.address());
    try {
      childsFiles(wanted, standard, arena, actions);
      var pid = arena.allocate(INT);
      check(
          wanted,
          SPAWN,
          pid.address(),
          Native.string(arena, wanted.command().getFirst()),
          actions.address(),
          attributes.address(),
          strings(arena, wanted.command()),
          strings(arena, wanted.environment()));
      return pid.get(INT, 0);
    } finally {
      check(wanted, ACTIONS_DESTROY, actions.address());
    }
  }

  private static void childsFiles(
      Spawn wanted, List<Fd> standard, Arena arena, MemorySegment actions) throws IOException {
    long directory = Native.string(arena, wanted.directory().toString());
    check(wanted, ADD_CHDIR, actions.address(), directory);
    for (int number = 0; number < standard.size(); number++) {
      check(wanted, ADD_DUP2, actions.address(), standard.get(number).number(), number);
    }
    if (ADD_CLOSE_FROM.isPresent()) {
      check(wanted, ADD_CLOSE_FROM.get(), actions.address(), FIRST_OTHER);
      return;
    }
    for (int number : others()) {
      check(wanted, ADD_CLOSE, actions.address(), number);
    }
  }

  /// The descriptors of this process but its standard streams: not all of the JDK's close on exec.
  private static List<Integer> others() throws IOException {
    var numbers = new ArrayList<Integer>();
    try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path each : open) {
        int number = Integer.parseInt(each.getFileName().toString());
        if (number >= FIRST_OTHER) {
          numbers.add(number);
        }
      }
    }
    return numbers;
  }

  /// The address of an array of C strings with a null behind the last.
  private static long strings(Arena arena, List<String> values) throws ErrnoException {
    var array = arena.allocate(ValueLayout.JAVA_LONG, values.size() + 1L);
    for (int i = 0; i < values.size(); i++) {
      array.setAtIndex(LONG, i, Native.string(arena, values.get(i)));
    }
    return array.address();
  }

  private static void check(Spawn wanted, CFunction function, long... arguments)
      throws ErrnoException {
    String program = wanted.command().getFirst();
    int error = (int) call("start", program, (_, errno) -> function.asInt(errno, arguments));
    if (error != 0) {
      throw new ErrnoException("start", program, error);
    }
  }
}
