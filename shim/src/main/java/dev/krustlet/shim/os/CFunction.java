package dev.krustlet.shim.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Optional;

/// A function of libc, bound once.
///
/// All are bound under one descriptor of six longs: the JDK makes classes for each shape of call
/// when it first meets it, 5 to 10 ms a shape on a daemon's way to its first answer. The calling
/// conventions of x86_64 and aarch64 pass integers and pointers, also those behind a `…`, in whole
/// registers, of which a function looks at as many, and as much of each, as it declares.
@SuppressWarnings("restricted") // this is the one place that binds C functions
final class CFunction {
  private static final int REGISTERS = 6;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final FunctionDescriptor SHAPE =
      FunctionDescriptor.of(
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private final MethodHandle handle;

  private CFunction(MethodHandle handle) {
    this.handle = handle;
  }

  static CFunction of(String name) {
    return at(LINKER.defaultLookup().findOrThrow(name));
  }

  /// A function that not every libc has.
  static Optional<CFunction> find(String name) {
    return LINKER.defaultLookup().find(name).map(CFunction::at);
  }

  private static CFunction at(MemorySegment address) {
    return new CFunction(LINKER.downcallHandle(address, SHAPE, Native.CAPTURE_ERRNO));
  }

  /// Calls a function that returns a long.
  long asLong(MemorySegment errno, long... arguments) throws Throwable {
    long[] a = Arrays.copyOf(arguments, REGISTERS);
    return (long) handle.invokeExact(errno, a[0], a[1], a[2], a[3], a[4], a[5]);
  }

  /// Calls a function that returns an int, which is the lower half of its register.
  int asInt(MemorySegment errno, long... arguments) throws Throwable {
    return (int) asLong(errno, arguments);
  }
}
