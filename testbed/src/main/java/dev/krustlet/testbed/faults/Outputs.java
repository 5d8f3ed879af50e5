package dev.krustlet.testbed.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The fifos of a process and their readers.
record Outputs(Output out, Output err) implements AutoCloseable {
  static Outputs of(Yard yard, String name) throws IOException, InterruptedException {
    Path out = yard.node().logs().resolve(name + "-out");
    Path err = yard.node().logs().resolve(name + "-err");
    var fifos = new ProcessBuilder("mkfifo", out.toString(), err.toString()).inheritIO().start();
    if (fifos.waitFor() != 0) {
      throw new IOException("mkfifo of %s and %s failed".formatted(out, err));
    }
    return new Outputs(Output.of(out, yard.readers()), Output.of(err, yard.readers()));
  }

  @Override
  public void close() throws IOException {
    out.close();
    err.close();
    Files.deleteIfExists(out.fifo());
    Files.deleteIfExists(err.fifo());
  }
}
