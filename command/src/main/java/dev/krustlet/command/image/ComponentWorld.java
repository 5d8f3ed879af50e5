package dev.krustlet.command.image;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The names of what a component imports and exports, read from its sections. What an import is,
/// and everything inside, is skipped.
record ComponentWorld(List<String> imports, List<String> exports) {
  private static final int PREAMBLE = 8;
  private static final int IMPORTS = 10;
  private static final int EXPORTS = 11;

  /// @param component its binary form
  /// @throws IllegalArgumentException if that is damaged, or newer than what is known here
  static ComponentWorld of(byte[] component) {
    var world = new ComponentWorld(new ArrayList<>(), new ArrayList<>());
    try {
      var bytes = ByteBuffer.wrap(component).position(PREAMBLE);
      while (bytes.hasRemaining()) {
        int id = bytes.get();
        int size = number(bytes);
        world.read(id, bytes.slice(bytes.position(), size));
        bytes.position(bytes.position() + size);
      }
    } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "what the component imports and exports cannot be read", e);
    }
    return world;
  }

  private void read(int id, ByteBuffer section) {
    if (id == IMPORTS) {
      for (int left = number(section); left > 0; left--) {
        imports.add(name(section));
        skipDescription(section);
      }
    } else if (id == EXPORTS) {
      for (int left = number(section); left > 0; left--) {
        exports.add(name(section));
        skipExported(section);
      }
    }
  }

  private static String name(ByteBuffer section) {
    if (section.get() > 1) {
      throw new IllegalArgumentException("a name of a kind that is not known");
    }
    byte[] name = new byte[number(section)];
    section.get(name);
    return new String(name, StandardCharsets.UTF_8);
  }

  private static void skipDescription(ByteBuffer section) {
    switch (section.get()) {
      case 0x00 -> { // a core module: its sort, then its type
        section.get();
        number(section);
      }
      case 0x02 -> { // a value: its bound, then its type
        section.get();
        number(section);
      }
      case 0x03 -> skipBound(section);
      default -> number(section); // a function, component or instance of a type
    }
  }

  /// A type is equal to another one, or a resource that nothing else is known of.
  private static void skipBound(ByteBuffer section) {
    if (section.get() == 0) {
      number(section);
    }
  }

  private static void skipExported(ByteBuffer section) {
    if (section.get() == 0) { // a sort of core things
      section.get();
    }
    number(section);
    if (section.get() == 1) { // its type is ascribed
      skipDescription(section);
    }
  }

  /// LEB128, unsigned.
  private static int number(ByteBuffer bytes) {
    int value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      byte next = bytes.get();
      value |= (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number has no end");
  }
}
