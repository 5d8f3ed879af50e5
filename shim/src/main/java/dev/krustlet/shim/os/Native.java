package dev.krustlet.shim.os;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/// How a C function is bound and called: an arena and an errno buffer for each call, and the one
/// place that turns a result of -1 into an [ErrnoException].
@SuppressWarnings("restricted") // this is the one place that binds C functions
final class Native {
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  static final MemoryLayout POINTER = ValueLayout.ADDRESS;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final long ERRNO = STATE.byteOffset(PathElement.groupElement("errno"));

  /// A bound function's invocation; `errno` is its leading argument.
  @FunctionalInterface
  interface Call {
    long invoke(Arena arena, MemorySegment errno) throws Throwable;
  }

  private Native() {}

  static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
    return bind(name, FunctionDescriptor.of(result, arguments), CAPTURE_ERRNO);
  }

  /// A function declared with `…`, which some calling conventions treat in their own way.
  ///
  /// @param fixed how many arguments stand before the `…`
  static MethodHandle variadic(
      String name, int fixed, MemoryLayout result, MemoryLayout... arguments) {
    var descriptor = FunctionDescriptor.of(result, arguments);
    return bind(name, descriptor, CAPTURE_ERRNO, Linker.Option.firstVariadicArg(fixed));
  }

  private static MethodHandle bind(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    var address = LINKER.defaultLookup().findOrThrow(name);
    return LINKER.downcallHandle(address, descriptor, options);
  }

  /// A C string. One that would end early for C is refused: what was checked is what is used.
  static MemorySegment string(Arena arena, String value) throws ErrnoException {
    return string(arena, value, StandardCharsets.UTF_8);
  }

  static MemorySegment string(Arena arena, String value, Charset charset) throws ErrnoException {
    if (value.indexOf('\0') >= 0) {
      throw new ErrnoException("use as a name", value.replace('\0', '?'), Errno.EINVAL);
    }
    return arena.allocateFrom(value, charset);
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
      throw new AssertionError(operation + ": handle and descriptor do not match", t);
    }
  }
}
