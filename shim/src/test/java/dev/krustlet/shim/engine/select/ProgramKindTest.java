package dev.krustlet.shim.engine.select;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgramKindTest {
  private static ProgramKind kind(String head) {
    return ProgramKind.of(head.getBytes(StandardCharsets.ISO_8859_1), "amd64");
  }

  private static String elf(int machine) {
    return "\u007fELF\2\1\1" + "\0".repeat(9) + "\2\0" + (char) machine + "\0" + "\0".repeat(44);
  }

  @Test
  void elfFilesRunOnTheirOwnMachineAlone() {
    assertThat(kind(elf(62))).isInstanceOf(ProgramKind.Native.class);
    assertThat(kind(elf(183))).isEqualTo(new ProgramKind.Foreign("aarch64"));
    assertThat(ProgramKind.of(elf(183).getBytes(StandardCharsets.ISO_8859_1), "arm64"))
        .isInstanceOf(ProgramKind.Native.class);
  }

  @Test
  void scriptsAreNative() {
    assertThat(kind("#!/bin/sh\n")).isInstanceOf(ProgramKind.Native.class);
  }

  @Test
  void modulesComponentsAndTheirTextAreWasm() {
    assertThat(kind("\0asm\1\0\0\0")).isInstanceOf(ProgramKind.Wasm.class);
    assertThat(kind("\0asm\r\0\1\0")).isInstanceOf(ProgramKind.Wasm.class);
    assertThat(kind("  (module)")).isInstanceOf(ProgramKind.Wasm.class);
    assertThat(kind(";; licence\n(; a (; b ;) ;)\n( component"))
        .isInstanceOf(ProgramKind.Wasm.class);
  }

  @Test
  void anythingElseIsUnknown() {
    assertThat(kind("hello world")).isInstanceOf(ProgramKind.Unknown.class);
    assertThat(kind("")).isInstanceOf(ProgramKind.Unknown.class);
    assertThat(kind(";; only a comment")).isInstanceOf(ProgramKind.Unknown.class);
    assertThat(kind("(; has no end")).isInstanceOf(ProgramKind.Unknown.class);
    assertThat(kind("(modules)")).isInstanceOf(ProgramKind.Unknown.class);
    assertThat(kind("\u007fELF")).isInstanceOf(ProgramKind.Unknown.class);
  }
}
