package dev.krustlet.shim.os;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// The reading end of a pipe. A virtual thread that waits for bytes leaves the waiting to a
/// platform thread: the JDK reads files in place, and a carrier thread would be gone for as long as
/// nobody writes.
final class PipeInput extends InputStream {
  private final FileInputStream in;

  /// Takes a descriptor's open file, not the descriptor.
  PipeInput(Fd reading) throws IOException {
    this.in = new FileInputStream(reading.procPath().toFile());
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (!Thread.currentThread().isVirtual()) {
      return in.read(bytes, offset, length);
    }
    var reading = new FutureTask<>(() -> in.read(bytes, offset, length));
    Thread.ofPlatform().daemon().name("pipe-read").start(reading);
    try {
      return Uninterrupted.get(reading); // as by a read in place
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
