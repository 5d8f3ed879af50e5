package dev.krustlet.testbed.faults;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A directory with a small file system of its own, that can be filled. Goes with its bed.
record SmallDisk(Path path) {
  private static final String SIZE = "32m";

  static SmallDisk mount(Path path) throws IOException, InterruptedException {
    Files.createDirectory(path);
    var command = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=" + SIZE + ",mode=700");
    command.command().addAll(java.util.List.of("faults", path.toString()));
    if (command.inheritIO().start().waitFor() != 0) {
      throw new IOException("cannot mount a tmpfs on " + path);
    }
    return new SmallDisk(path);
  }

  private Path ballast() {
    return path.resolve("ballast");
  }

  /// Takes all the room there is.
  void fill() throws IOException {
    for (int size = 1 << 20; size >= 1 << 10; size /= 4) {
      fill(ByteBuffer.allocate(size));
    }
  }

  private void fill(ByteBuffer block) throws IOException {
    try (var file =
        FileChannel.open(ballast(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (Files.getFileStore(path).getUsableSpace() >= block.capacity()) {
        file.write(block.rewind());
      }
    } catch (IOException e) {
      if (Files.getFileStore(path).getUsableSpace() >= block.capacity()) {
        throw e;
      }
    }
  }

  /// Gives the room back.
  void empty() throws IOException {
    Files.deleteIfExists(ballast());
  }
}
