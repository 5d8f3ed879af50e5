package dev.krustlet.bench;

import dev.krustlet.proto.types.Mount;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A container's bundle as containerd lays it out before it calls Create, with the mount of its
/// root and the fifos of its output, which is read here.
final class TaskBundle implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final String id;
  private final Path path;
  private final Mount root;
  private final CompletableFuture<String> stdout = new CompletableFuture<>();
  private final RandomAccessFile stderr;

  private TaskBundle(String id, Path path, Mount root) throws IOException {
    this.id = id;
    this.path = path;
    this.root = root;
    this.stderr = new RandomAccessFile(stderrPath().toFile(), "rw");
  }

  /// @param config the spec
  /// @param image the directory of the image's files
  static TaskBundle lay(Path parent, String id, String config, Path image)
      throws IOException, InterruptedException {
    Path path = Files.createDirectory(parent.resolve(id));
    Files.writeString(path.resolve("config.json"), config);
    for (String directory : new String[] {"rootfs", "upper", "work"}) {
      Files.createDirectory(path.resolve(directory));
    }
    Path out = path.resolve("out");
    Path err = path.resolve("err");
    var fifos = new ProcessBuilder("mkfifo", out.toString(), err.toString()).inheritIO().start();
    if (fifos.waitFor() != 0) {
      throw new IOException("mkfifo of %s and %s failed".formatted(out, err));
    }
    return new TaskBundle(id, path, root(path, image));
  }

  /// As containerd's snapshotters have it; overlayfs cannot lie on itself.
  private static Mount root(Path bundle, Path image) throws IOException {
    var mount = Mount.newBuilder();
    if (Files.getFileStore(bundle).type().equals("overlay")) {
      return mount.setType("bind").setSource(image.toString()).addOptions("rbind").build();
    }
    return mount
        .setType("overlay")
        .setSource("overlay")
        .addOptions("workdir=" + bundle.resolve("work"))
        .addOptions("upperdir=" + bundle.resolve("upper"))
        .addOptions("lowerdir=" + image)
        .build();
  }

  String id() {
    return id;
  }

  Path path() {
    return path;
  }

  Mount root() {
    return root;
  }

  Path stdoutPath() {
    return path.resolve("out");
  }

  Path stderrPath() {
    return path.resolve("err");
  }

  /// Begins to read its stdout, as containerd does, which does not wait for Create either.
  void follow() {
    Thread.ofPlatform()
        .daemon()
        .name("stdout-" + id)
        .start(() -> {
          try {
            stdout.complete(Files.readString(stdoutPath()));
          } catch (IOException e) {
            stdout.completeExceptionally(e);
          }
        });
  }

  /// What the container wrote on stdout, once it has ended.
  String written() throws IOException, InterruptedException {
    try {
      return stdout.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("cannot read what container %s wrote".formatted(id), e);
    }
  }

  @Override
  public void close() throws IOException {
    stderr.close();
  }
}
