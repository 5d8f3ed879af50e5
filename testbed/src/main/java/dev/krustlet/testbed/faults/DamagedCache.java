package dev.krustlet.testbed.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/// Files of the cache are truncated, filled with junk, or gone.
enum DamagedCache implements Fault {
  /// By other files in their places, as a restored backup would. A Create that is just between the
  /// look at the old file and the use of the new one is refused, for the engine looks as well.
  REPLACED("cache files replaced by damaged ones") {
    @Override
    public Set<Damage> damage() {
      return EnumSet.of(Damage.CALLS_FAIL);
    }

    @Override
    public boolean inject(Yard yard, Random random) throws IOException {
      List<Path> files = files(yard);
      for (Path each : files) {
        Path draft = each.resolveSibling("damaged");
        Files.write(draft, damaged(Files.readAllBytes(each), random));
        Files.move(draft, each, StandardCopyOption.ATOMIC_MOVE);
      }
      return !files.isEmpty();
    }
  },

  /// In place, as a crash of the machine would: with the engine gone, for code that is mapped and
  /// changes under it is nobody's to survive.
  IN_PLACE("cache files damaged in place") {
    @Override
    public Set<Damage> damage() {
      return EnumSet.of(Damage.WASM_LOST);
    }

    @Override
    public boolean inject(Yard yard, Random random) throws IOException, InterruptedException {
      OptionalLong engine = yard.node().engine();
      List<Path> files = files(yard);
      if (engine.isPresent()) {
        FaultNode.kill(engine.getAsLong());
      }
      for (Path each : files) {
        Files.write(each, damaged(Files.readAllBytes(each), random));
      }
      return !files.isEmpty();
    }
  };

  private final String words;

  DamagedCache(String words) {
    this.words = words;
  }

  @Override
  public String words() {
    return words;
  }

  private static List<Path> files(Yard yard) throws IOException {
    try (Stream<Path> all = Files.walk(yard.node().cache().path())) {
      return all.filter(each -> each.toString().matches(".*\\.(cwasm|sum)")).sorted().toList();
    }
  }

  private static byte[] damaged(byte[] whole, Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> Arrays.copyOf(whole, random.nextInt(whole.length + 1));
      case 1 -> new byte[0];
      case 2 -> junk(whole.length, random);
      default -> whole;
    };
  }

  private static byte[] junk(int length, Random random) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
