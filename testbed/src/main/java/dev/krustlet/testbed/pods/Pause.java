package dev.krustlet.testbed.pods;

import dev.krustlet.testbed.ImageArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The container that holds a pod's namespaces: busybox that sleeps until it is told to end.
public final class Pause {
  /// A first process gets no signal that it has no handler for.
  private static final String SCRIPT =
      """
      #!/bin/sh
      trap 'exit 0' TERM INT
      sleep infinity &
      wait
      """;

  private Pause() {}

  public static ImageArchive image(String name) throws IOException {
    return new ImageArchive(name)
        .directory("bin", 0755)
        .file("bin/busybox", 0755, Files.readAllBytes(Path.of("/usr/bin/busybox")))
        .link("bin/sh", "busybox")
        .link("bin/sleep", "busybox")
        .file("pause", 0755, SCRIPT.getBytes(StandardCharsets.UTF_8))
        .entrypoint("/pause");
  }
}
