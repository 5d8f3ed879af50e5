package dev.krustlet.bench;

import dev.krustlet.testbed.ImageArchive;
import dev.krustlet.testbed.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The image that everything measured runs: two modules of the examples, and busybox.
final class Image {
  static final String NAME = "localhost/bench:1";

  static final String HELLO = "/hello.wasm";
  static final String HELLO_LINE = "hello from wasm";

  /// Prints one number, then sleeps.
  static final String COUNTER = "/counter.wasm";

  static final String BUSYBOX = "/bin/busybox";

  private static final Path HOST_BUSYBOX = Path.of("/usr/bin/busybox");

  private Image() {}

  static byte[] archive(Installation installation) throws IOException {
    return new ImageArchive(NAME)
        .directory("bin", 0755)
        .file(HELLO.substring(1), 0644, Files.readAllBytes(installation.example("hello")))
        .file(COUNTER.substring(1), 0644, Files.readAllBytes(installation.example("counter")))
        .file(BUSYBOX.substring(1), 0755, Files.readAllBytes(HOST_BUSYBOX))
        .build();
  }
}
