package dev.krustlet.shim.os;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/// How a C function is called: an arena and an errno buffer for each call, and the one place that
/// turns a result of -1 into an [ErrnoException].
final class Native {
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final long ERRNO = STATE.byteOffset(PathElement.groupElement("errno"));

  /// A bound function's invocation; `errno` is its leading argument.
  @FunctionalInterface
  interface Call {
    long invoke(Arena arena, MemorySegment errno) throws Throwable;
  }

  private Native() {}

  /// The address of a C string. One that would end early for C is refused: what was checked is what
  /// is used.
  static long string(Arena arena, String value) throws ErrnoException {
    return string(arena, value, StandardCharsets.UTF_8);
  }

  static long string(Arena arena, String value, Charset charset) throws ErrnoException {
    if (value.indexOf('\0') >= 0) {
      throw new ErrnoException("use as a name", value.replace('\0', '?'), Errno.EINVAL);
    }
    return arena.allocateFrom(value, charset).address();
  }

  static long call(String operation, Object subject, Call call) throws ErrnoException {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(STATE);
      long result = call.invoke(arena, state);
      if (result == -1) {
        throw new ErrnoException(operation, subject.toString(), state.get(INT, ERRNO));
      }
      return result;
    } catch (ErrnoException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable t) {
      throw new AssertionError(operation + ": the handle does not match its descriptor", t);
    }
  }
}
