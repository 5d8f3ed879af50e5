package dev.krustlet.shim.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

final class RuntimeOptionsTest {
  @Test
  void theTableOfContainerdsConfigIsRead() throws SpecException {
    var options =
        RuntimeOptions.fromToml(
            """
            SystemdCgroup = true
            BinaryName = "/usr/local/bin/runc"
            Root = "/run/runc"
            NoPivotRoot = false
            IoUid = 0
            """);

    assertThat(options).isEqualTo(new RuntimeOptions(true, "/usr/local/bin/runc", "/run/runc"));
  }

  @Test
  void nothingIsTheDefault() throws SpecException {
    assertThat(RuntimeOptions.fromToml("")).isEqualTo(RuntimeOptions.DEFAULT);
  }

  @Test
  void keysAreSpeltAsContainerdSpellsThem() throws SpecException {
    assertThat(RuntimeOptions.fromToml("systemdcgroup = true")).isEqualTo(RuntimeOptions.DEFAULT);
  }

  @Test
  void aValueOfAnotherKindIsRefusedByName() {
    assertThatExceptionOfType(SpecException.class)
        .isThrownBy(() -> RuntimeOptions.fromToml("SystemdCgroup = \"yes\""))
        .withMessage("runtime options: SystemdCgroup = yes is no Boolean");
  }

  @Test
  void whatIsNoTomlIsRefused() {
    assertThatExceptionOfType(SpecException.class)
        .isThrownBy(() -> RuntimeOptions.fromToml("= ="))
        .withMessageStartingWith("runtime options: TOML: ");
  }
}
