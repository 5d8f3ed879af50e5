package dev.krustlet.command.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A file of wasm that becomes an image.
///
/// @param name without its directory
public record WasmFile(String name, byte[] bytes, Kind kind) {
  /// What its bytes are.
  public enum Kind {
    /// A core module, which speaks WASI preview 1.
    MODULE,
    /// A component, which speaks WASI 0.2.
    COMPONENT,
    /// Either, as text.
    TEXT
  }

  private static final byte[] MAGIC = {0, 'a', 's', 'm'};
  private static final int PREAMBLE = 8;

  /// @throws IllegalArgumentException if it is no wasm, with a sentence that says so
  public static WasmFile of(String name, byte[] bytes) {
    return new WasmFile(name, bytes, kindOf(name, bytes));
  }

  /// The `os` of a platform whose architecture is `wasm`.
  ///
  /// @throws IllegalArgumentException for text, which those who read wasm layers do not expect
  String os() {
    return switch (kind) {
      case MODULE -> "wasip1";
      case COMPONENT -> "wasip2";
      case TEXT ->
          throw new IllegalArgumentException(
              "'%s' is text, and a wasm layer has to be binary; only an ordinary image may hold text"
                  .formatted(name));
    };
  }

  private static Kind kindOf(String name, byte[] bytes) {
    if (bytes.length >= PREAMBLE && Arrays.equals(Arrays.copyOf(bytes, MAGIC.length), MAGIC)) {
      return bytes[6] == 0 ? Kind.MODULE : Kind.COMPONENT; // the layer follows the version
    }
    var head = new String(bytes, 0, Math.min(bytes.length, 64), StandardCharsets.ISO_8859_1);
    if (head.stripLeading().startsWith("(module") || head.stripLeading().startsWith("(component")) {
      return Kind.TEXT;
    }
    throw new IllegalArgumentException("'%s' is neither a module nor a component".formatted(name));
  }
}
