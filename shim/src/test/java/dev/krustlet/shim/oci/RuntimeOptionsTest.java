package dev.krustlet.shim.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RuntimeOptionsTest {
  @Test
  void theTableOfContainerdsConfigIsRead() throws SpecException {
    var options =
        RuntimeOptions.fromToml(
            """
            SystemdCgroup = true
            BinaryName = "/usr/local/bin/runc"
            Root = "/run/runc"
            NoPivotRoot = true
            NoNewKeyring = true
            IoUid = 1000
            IoGid = 1001
            ShimCgroup = ""
            """);

    assertThat(options)
        .isEqualTo(
            new RuntimeOptions(true, "/usr/local/bin/runc", "/run/runc", true, true, 1000, 1001));
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

  @ParameterizedTest
  @ValueSource(strings = {"ShimCgroup", "CriuPath", "CriuImagePath", "CriuWorkPath"})
  void whatIsNotHonouredIsRefusedByName(String key) {
    assertThatExceptionOfType(SpecException.class)
        .isThrownBy(() -> RuntimeOptions.fromToml(key + " = \"/x\""))
        .withMessageStartingWith("runtime options: %s = \"/x\" is not supported: ".formatted(key))
        .withMessageEndingWith("leave it out of the runtime's options");
  }

  @Test
  void whatIsNoTomlIsRefused() {
    assertThatExceptionOfType(SpecException.class)
        .isThrownBy(() -> RuntimeOptions.fromToml("= ="))
        .withMessageStartingWith("runtime options: TOML: ");
  }
}
