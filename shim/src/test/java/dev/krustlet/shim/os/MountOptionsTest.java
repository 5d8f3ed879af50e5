package dev.krustlet.shim.os;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountOptionsTest {
  /// A bind mount takes no data: what is no option would be dropped without a word.
  @Test
  void whatTheLauncherAnnouncesIsAnOption() throws IOException {
    var features =
        JsonParser.parseString(Files.readString(Path.of("src/main/dist/features.json")))
            .getAsJsonObject();
    List<String> announced =
        features.getAsJsonArray("mountOptions").asList().stream()
            .map(JsonElement::getAsString)
            .toList();

    assertThat(announced).contains("rro");
    assertThat(MountOptions.parse("bind", announced).data()).isEmpty();
  }
}
