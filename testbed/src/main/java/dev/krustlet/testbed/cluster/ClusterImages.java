package dev.krustlet.testbed.cluster;

import dev.krustlet.testbed.ImageArchive;
import dev.krustlet.testbed.Installation;
import dev.krustlet.testbed.pods.Pause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Writes the images that the pods of the examples name, each as an archive, for a node that can
/// pull none.
public final class ClusterImages {
  private static final Path BUSYBOX = Path.of("/usr/bin/busybox");
  private static final List<String> APPLETS =
      List.of("sh", "cat", "echo", "ls", "nslookup", "sleep", "tail", "touch", "true", "wget");

  private ClusterImages() {}

  public static void main(String[] args) throws IOException {
    Path directory = Files.createDirectories(Path.of(args[0]));
    var installation = Installation.under(Path.of("/"));
    List<ImageArchive> images = new ArrayList<>();
    images.add(Pause.image("localhost/pause:1"));
    images.add(busybox());
    for (String each : examples(installation)) {
      byte[] module = Files.readAllBytes(installation.example(each));
      images.add(
          new ImageArchive("localhost/krustlet/%s:latest".formatted(each))
              .file(each + ".wasm", 0644, module)
              .entrypoint("/" + each + ".wasm"));
    }
    for (int i = 0; i < images.size(); i++) {
      Files.write(directory.resolve(i + ".tar"), images.get(i).build());
    }
  }

  private static List<String> examples(Installation installation) throws IOException {
    try (Stream<Path> directories = Files.list(installation.root().resolve("examples"))) {
      return directories
          .map(directory -> directory.getFileName().toString())
          .filter(name -> Files.exists(installation.example(name)))
          .sorted()
          .toList();
    }
  }

  private static ImageArchive busybox() throws IOException {
    var image =
        new ImageArchive("docker.io/library/busybox:1.36")
            .directory("bin", 0755)
            .directory("tmp", 01777)
            .file("bin/busybox", 0755, Files.readAllBytes(BUSYBOX))
            .entrypoint("/bin/sh");
    APPLETS.forEach(applet -> image.link("bin/" + applet, "busybox"));
    return image;
  }
}
