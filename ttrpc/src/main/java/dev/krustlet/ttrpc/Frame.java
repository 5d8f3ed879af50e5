package dev.krustlet.ttrpc;

import java.nio.ByteBuffer;

/// One frame of the protocol: ten bytes of header (length, stream, type, flags; big endian), then
/// the data.
///
/// @param stream an unsigned 32-bit id
/// @param oversize the length announced was beyond [#MAX_DATA]; the data was skipped and is empty
///   here
record Frame(int stream, byte type, byte flags, byte[] data, boolean oversize) {
  static final int HEADER = 10;
  static final int MAX_DATA = 4 << 20; // PROTOCOL: larger data is rejected
  static final byte REQUEST = 1;
  static final byte RESPONSE = 2;
  static final byte REMOTE_OPEN = 2; // flag: more messages follow on this stream

  static Frame of(int stream, byte type, byte[] data) {
    return new Frame(stream, type, (byte) 0, data, false);
  }

  ByteBuffer encode() {
    return ByteBuffer.allocate(HEADER + data.length)
        .putInt(data.length)
        .putInt(stream)
        .put(type)
        .put(flags)
        .put(data)
        .flip();
  }
}
