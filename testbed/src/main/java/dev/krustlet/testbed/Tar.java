package dev.krustlet.testbed;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Writes a ustar archive. Owners are root, times are zero: equal contents are equal archives.
final class Tar {
  private static final int BLOCK = 512;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  Tar file(String name, int mode, byte[] content) {
    header(name, mode, content.length, '0', "");
    bytes.writeBytes(content);
    bytes.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
    return this;
  }

  Tar directory(String name, int mode) {
    header(name + "/", mode, 0, '5', "");
    return this;
  }

  Tar link(String name, String target) {
    header(name, 0777, 0, '2', target);
    return this;
  }

  byte[] end() {
    bytes.writeBytes(new byte[2 * BLOCK]);
    return bytes.toByteArray();
  }

  private void header(String name, int mode, int size, char type, String target) {
    byte[] block = new byte[BLOCK];
    put(block, 0, name);
    put(block, 100, "%07o".formatted(mode));
    put(block, 108, "0000000");
    put(block, 116, "0000000");
    put(block, 124, "%011o".formatted(size));
    put(block, 136, "00000000000");
    put(block, 148, "        "); // the checksum counts itself as blanks
    put(block, 156, String.valueOf(type));
    put(block, 157, target);
    put(block, 257, "ustar");
    put(block, 263, "00");
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    put(block, 148, "%06o\0 ".formatted(sum));
    bytes.writeBytes(block);
  }

  private static void put(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }
}
