package dev.krustlet.ttrpc;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import java.util.Optional;

/// Reads frames off a channel. Holds no more than one frame, and never allocates for bytes that
/// have not come.
final class FrameReader {
  private static final int STEP = 64 << 10;

  private final ReadableByteChannel channel;
  private final ByteBuffer header = ByteBuffer.allocate(Frame.HEADER);

  FrameReader(ReadableByteChannel channel) {
    this.channel = channel;
  }

  /// The next frame; empty at the end of the stream between two frames.
  ///
  /// @throws EOFException when the stream ends inside a frame
  Optional<Frame> next() throws IOException {
    header.clear();
    if (!fill(header)) {
      return Optional.empty();
    }
    header.flip();
    long length = Integer.toUnsignedLong(header.getInt());
    int stream = header.getInt();
    byte type = header.get();
    byte flags = header.get();
    if (length > Frame.MAX_DATA) {
      skip(length);
      return Optional.of(new Frame(stream, type, flags, new byte[0], true));
    }
    return Optional.of(new Frame(stream, type, flags, data((int) length), false));
  }

  /// Reads in steps, so that memory follows what has arrived and not what a header promises.
  private byte[] data(int length) throws IOException {
    var data = new byte[Math.min(length, STEP)];
    int read = 0;
    while (read < length) {
      if (read == data.length) {
        data = Arrays.copyOf(data, Math.min(length, 2 * data.length));
      }
      int count = channel.read(ByteBuffer.wrap(data, read, Math.min(data.length - read, STEP)));
      if (count < 0) {
        throw new EOFException("the stream ends inside the data of a frame");
      }
      read += count;
    }
    return data;
  }

  /// Fills the buffer; false if the stream ended before its first byte.
  private boolean fill(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        if (buffer.position() == 0) {
          return false;
        }
        throw new EOFException("the stream ends inside a frame");
      }
    }
    return true;
  }

  private void skip(long length) throws IOException {
    ByteBuffer sink = ByteBuffer.allocate(STEP);
    for (long left = length; left > 0; left -= sink.position()) {
      sink.clear().limit((int) Math.min(left, STEP));
      if (channel.read(sink) < 0) {
        throw new EOFException("the stream ends inside a frame that is too large");
      }
    }
  }
}
