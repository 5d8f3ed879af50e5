package dev.krustlet.testbed.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// Modules that nobody has compiled yet.
final class Modules {
  private static final int FUNCTIONS = 1500;
  private static final AtomicLong MADE = new AtomicLong(System.nanoTime());

  private Modules() {}

  /// Puts one into the image, large enough for its compilation to take a while. It does nothing.
  static Workload fresh(Yard yard) throws IOException {
    long number = MADE.incrementAndGet();
    String name = "/m%d.wat".formatted(number);
    var text = new StringBuilder("(module (func (export \"_start\"))\n");
    for (int i = 0; i < FUNCTIONS; i++) {
      text.append("(func (param i64) (result i64) local.get 0 i64.const ")
          .append(number + i)
          .append(" i64.mul local.get 0 i64.rotl local.get 0 i64.const 7 i64.or i64.div_u)\n");
    }
    Files.writeString(path(yard, name), text.append(")\n"));
    return new Workload(Kind.WASM, List.of(name), "", 0);
  }

  /// Takes it out of the image, if it was put there.
  static void remove(Yard yard, Workload workload) throws IOException {
    String name = workload.command().getFirst();
    if (name.endsWith(".wat")) {
      Files.deleteIfExists(path(yard, name));
    }
  }

  private static Path path(Yard yard, String name) {
    return yard.node().image().resolve(name.substring(1));
  }
}
