package dev.krustlet.shim.engine.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Bundle;
import dev.krustlet.shim.oci.RuntimeOptions;
import dev.krustlet.shim.oci.SpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WasmSpecTest {
  @TempDir private Path bundle;

  @Test
  void directoriesOfConfigurationAreReadFromAnAnnotation()
      throws IOException, SpecException, TaskException {
    assertThat(WasmInterfaces.of(annotated("config-dirs", "")).getConfigDirectoriesList())
        .isEmpty();
    assertThat(
            WasmInterfaces.of(annotated("config-dirs", "/etc/a, /etc/b,"))
                .getConfigDirectoriesList())
        .containsExactly("/etc/a", "/etc/b");

    var relative = annotated("config-dirs", "/etc/a,etc/b");
    assertThatThrownBy(() -> WasmInterfaces.of(relative))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT))
        .hasMessageContaining("krustlet.dev/config-dirs: 'etc/b' does not begin with /");
  }

  @Test
  void theStoreOfKeysIsReadFromAnAnnotation() throws IOException, SpecException, TaskException {
    assertThat(WasmInterfaces.of(annotated("keyvalue", "")).getKeyvalueAddress()).isEmpty();
    assertThat(WasmInterfaces.of(annotated("keyvalue", " redis://[::1] ")).getKeyvalueAddress())
        .isEqualTo("redis://[::1]");
  }

  private ContainerRequest annotated(String key, String value) throws IOException, SpecException {
    Files.writeString(
        bundle.resolve("config.json"),
        "{\"annotations\":{\"krustlet.dev/%s\":\"%s\"}}".formatted(key, value));
    return new ContainerRequest(
        "c", bundle, Bundle.load(bundle), List.of(), Stdio.NONE, RuntimeOptions.DEFAULT);
  }
}
