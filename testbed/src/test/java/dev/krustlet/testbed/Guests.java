package dev.krustlet.testbed;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/// The image that the tests run: the examples, modules that misbehave, files that are no programs,
/// and busybox.
public final class Guests {
  public static final String IMAGE = "localhost/guests:1";

  private static final List<String> EXAMPLES =
      List.of(
          "hello",
          "counter",
          "files",
          "echo",
          "keyvalue-counter",
          "web",
          "fetch",
          "relay",
          "file-server");

  private Guests() {}

  static void importInto(PrivateContainerd containerd, Installation installation)
      throws IOException, InterruptedException {
    Path archive = containerd.bed().path().resolve("guests.tar");
    Files.write(archive, image(installation).build());
    Finished imported = containerd.ctr("images", "import", archive.toString());
    if (imported.status() != 0) {
      throw new IOException("ctr images import: " + imported.err());
    }
  }

  public static ImageArchive image(Installation installation) throws IOException {
    var image = new ImageArchive(IMAGE).directory("bin", 0755).directory("tmp", 01777);
    for (String example : EXAMPLES) {
      byte[] module = Files.readAllBytes(installation.example(example));
      image.file(example + ".wasm", 0644, module);
    }
    GuestTexts.addTo(image);
    return image
        .file("bin/busybox", 0755, Files.readAllBytes(Path.of("/usr/bin/busybox")))
        .link("bin/sh", "busybox")
        .link("bin/true", "busybox")
        .link("bin/cat", "busybox")
        .link("grüße.wasm", "hello.wasm")
        .file("secret", 0600, "for root".getBytes(StandardCharsets.UTF_8))
        .file("text.txt", 0755, "Not a program.\n".getBytes(StandardCharsets.UTF_8))
        .file("foreign", 0755, foreignElf());
  }

  /// The head of an ELF file for s390, which no machine that we build for is.
  private static byte[] foreignElf() {
    byte[] head = new byte[64];
    byte[] start = HexFormat.of().parseHex("7f454c46020201000000000000000000" + "00020016");
    System.arraycopy(start, 0, head, 0, start.length);
    return head;
  }
}
