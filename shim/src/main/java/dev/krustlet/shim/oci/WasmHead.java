package dev.krustlet.shim.oci;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// What tells a WebAssembly module or component from other files: its first bytes.
public final class WasmHead {
  /// How many bytes it takes to tell: a text may begin with a licence.
  public static final int BYTES = 4096;

  private static final String BINARY = "\0asm";
  private static final Pattern FORM = Pattern.compile("\\(\\s*(module|component)\\b");

  private WasmHead() {}

  /// Whether a file is wasm, binary or text.
  ///
  /// @param head its first bytes, all of them if it is shorter
  public static boolean isWasm(byte[] head) {
    var text = new String(head, StandardCharsets.ISO_8859_1);
    return text.startsWith(BINARY)
        || FORM.matcher(text).region(code(text), text.length()).lookingAt();
  }

  /// Where the text's first form begins, behind space and comments.
  private static int code(String text) {
    int at = 0;
    int before;
    do {
      before = at;
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
      if (text.startsWith(";;", at)) {
        at = lineEnd(text, at);
      } else if (text.startsWith("(;", at)) {
        at = blockEnd(text, at);
      }
    } while (at > before);
    return at;
  }

  private static int lineEnd(String text, int at) {
    int end = text.indexOf('\n', at);
    return end < 0 ? text.length() : end;
  }

  /// Block comments nest.
  private static int blockEnd(String text, int start) {
    int depth = 0;
    int at = start;
    do {
      if (text.startsWith("(;", at)) {
        depth++;
        at += 2;
      } else if (text.startsWith(";)", at)) {
        depth--;
        at += 2;
      } else {
        at++;
      }
    } while (depth > 0 && at < text.length());
    return Math.min(at, text.length());
  }
}
