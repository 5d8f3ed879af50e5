package dev.krustlet.shim.engine.select;

import dev.krustlet.shim.oci.WasmHead;
import java.nio.charset.StandardCharsets;

/// What a file is, by its first bytes.
sealed interface ProgramKind {
  /// How many bytes it takes to tell.
  int HEAD = WasmHead.BYTES;

  /// Runs on this node as it is: an ELF file for its machine, or a script with its interpreter.
  record Native() implements ProgramKind {}

  /// A wasm module or component, binary or text.
  record Wasm() implements ProgramKind {}

  /// An ELF file for another machine.
  record Foreign(String machine) implements ProgramKind {}

  record Unknown() implements ProgramKind {}

  /// Tells the kind of a file.
  ///
  /// @param host this node's architecture as images call it, e.g. `amd64`
  static ProgramKind of(byte[] head, String host) {
    var text = new String(head, StandardCharsets.ISO_8859_1);
    if (text.startsWith("\u007fELF") && head.length >= 20) {
      boolean bigEndian = head[5] == 2;
      int first = head[18] & 0xff;
      int second = head[19] & 0xff;
      int machine = bigEndian ? (first << 8) | second : (second << 8) | first;
      return runsOn(machine, host) ? new Native() : new Foreign(machine(machine));
    }
    if (text.startsWith("#!")) {
      return new Native();
    }
    return WasmHead.isWasm(head) ? new Wasm() : new Unknown();
  }

  private static boolean runsOn(int machine, String host) {
    return switch (host) {
      case "amd64" -> machine == 62 || machine == 3;
      case "arm64" -> machine == 183;
      default -> false;
    };
  }

  private static String machine(int number) {
    return switch (number) {
      case 3 -> "i386";
      case 40 -> "arm";
      case 62 -> "x86_64";
      case 183 -> "aarch64";
      case 243 -> "riscv";
      default -> "machine " + number;
    };
  }
}
