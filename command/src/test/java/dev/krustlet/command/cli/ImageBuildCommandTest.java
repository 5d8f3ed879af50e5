package dev.krustlet.command.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageBuildCommandTest {
  private static final Path HELLO = Krustlet.example("hello");
  private static final Path ECHO = Krustlet.example("echo");

  @TempDir Path directory;
  private Krustlet krustlet;
  private Path out;

  @BeforeEach
  void install() throws IOException {
    krustlet = Krustlet.installed(Files.createDirectory(directory.resolve("home")));
    out = directory.resolve("out.tar");
  }

  private Map<String, byte[]> built(Object... words) throws IOException {
    var outcome = krustlet.call(words);
    assertThat(outcome.status()).as(outcome.err()).isZero();
    return files(Files.readAllBytes(out));
  }

  private static Map<String, byte[]> files(byte[] archive) throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        files.put(entry.getName(), tar.readAllBytes());
      }
    }
    return files;
  }

  private static byte[] file(Map<String, byte[]> files, String name) {
    assertThat(files).containsKey(name);
    return files.getOrDefault(name, new byte[0]);
  }

  private static JsonObject json(byte[] bytes) {
    return JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
  }

  /// What a descriptor names, if it is what it says.
  private static byte[] blob(Map<String, byte[]> layout, JsonElement descriptor)
      throws NoSuchAlgorithmException {
    String hash =
        descriptor.getAsJsonObject().get("digest").getAsString().substring("sha256:".length());
    byte[] blob = file(layout, "blobs/sha256/" + hash);
    assertThat(MessageDigest.getInstance("SHA-256").digest(blob))
        .isEqualTo(HexFormat.of().parseHex(hash));
    assertThat(descriptor.getAsJsonObject().get("size").getAsLong()).isEqualTo(blob.length);
    return blob;
  }

  private static JsonObject manifest(Map<String, byte[]> layout) throws NoSuchAlgorithmException {
    return json(blob(layout, json(file(layout, "index.json")).getAsJsonArray("manifests").get(0)));
  }

  private static JsonObject layer(JsonObject manifest) {
    assertThat(manifest.getAsJsonArray("layers")).hasSize(1);
    return manifest.getAsJsonArray("layers").get(0).getAsJsonObject();
  }

  @Test
  void anOrdinaryImageHasTheFileInItsRootAndAsItsEntrypoint()
      throws IOException, NoSuchAlgorithmException {
    var layout =
        built("image", "build", HELLO, "-t", "hi", "-o", out, "--env", "A=b=c", "--", "-x", "@y");

    JsonObject manifest = manifest(layout);
    byte[] root = blob(layout, layer(manifest));
    assertThat(files(root)).containsOnlyKeys("hello.wasm");
    assertThat(file(files(root), "hello.wasm")).isEqualTo(Files.readAllBytes(HELLO));
    JsonObject config = json(blob(layout, manifest.get("config")));
    assertThat(config.get("os").getAsString()).isEqualTo("linux");
    assertThat(config.get("architecture").getAsString()).isIn("amd64", "arm64");
    assertThat(config.getAsJsonObject("rootfs").getAsJsonArray("diff_ids").get(0))
        .isEqualTo(layer(manifest).get("digest"));
    assertThat(config.get("config"))
        .isEqualTo(
            JsonParser.parseString(
                "{'Entrypoint':['/hello.wasm'],'Env':['A=b=c'],'Cmd':['-x','@y']}"));
  }

  @Test
  void dockerFindsTheConfigurationAndTheLayersOfAnOrdinaryImageAlone()
      throws IOException, NoSuchAlgorithmException {
    var ordinary = built("image", "build", HELLO, "-t", "hi", "-o", out);
    JsonObject manifest = manifest(ordinary);

    JsonObject listed =
        JsonParser.parseString(new String(file(ordinary, "manifest.json"), StandardCharsets.UTF_8))
            .getAsJsonArray()
            .get(0)
            .getAsJsonObject();

    assertThat(listed.get("Config").getAsString()).isEqualTo(place(manifest.get("config")));
    assertThat(listed.getAsJsonArray("Layers")).hasSize(1);
    assertThat(listed.getAsJsonArray("Layers").get(0).getAsString())
        .isEqualTo(place(layer(manifest)));
    assertThat(listed.getAsJsonArray("RepoTags").get(0).getAsString())
        .isEqualTo("docker.io/library/hi:latest");
    assertThat(built("image", "build", HELLO, "-t", "hi", "-o", out, "--artifact"))
        .doesNotContainKey("manifest.json");
  }

  private static String place(JsonElement descriptor) {
    String digest = descriptor.getAsJsonObject().get("digest").getAsString();
    return "blobs/" + digest.replace(':', '/');
  }

  @Test
  void aWasmLayerIsTheFileItselfAndUnpacksToNothing() throws IOException, NoSuchAlgorithmException {
    var layout = built("image", "build", ECHO, "-t", "hi", "-o", out, "--wasm-layer");

    JsonObject manifest = manifest(layout);
    assertThat(blob(layout, layer(manifest))).isEqualTo(Files.readAllBytes(ECHO));
    assertThat(layer(manifest).get("mediaType").getAsString()).isEqualTo("application/wasm");
    JsonObject config = json(blob(layout, manifest.get("config")));
    assertThat(config.get("architecture").getAsString()).isEqualTo("wasm");
    assertThat(config.get("os").getAsString()).isEqualTo("wasip2");
    assertThat(config.getAsJsonObject("rootfs").getAsJsonArray("diff_ids")).isEmpty();
    assertThat(config.getAsJsonObject("config").getAsJsonArray("Entrypoint").get(0).getAsString())
        .isEqualTo("/echo.wasm");
  }

  @Test
  void anArtifactTellsWhatAComponentImportsAndExports()
      throws IOException, NoSuchAlgorithmException {
    var layout = built("image", "build", ECHO, "-t", "hi", "-o", out, "--artifact");

    JsonObject manifest = manifest(layout);
    assertThat(manifest.getAsJsonObject("config").get("mediaType").getAsString())
        .isEqualTo("application/vnd.wasm.config.v0+json");
    JsonObject config = json(blob(layout, manifest.get("config")));
    assertThat(config.getAsJsonArray("layerDigests").get(0))
        .isEqualTo(layer(manifest).get("digest"));
    JsonObject component = config.getAsJsonObject("component");
    assertThat(component.getAsJsonArray("exports").asList())
        .extracting(JsonElement::getAsString)
        .anyMatch(name -> name.startsWith("wasi:cli/run@0.2."));
    assertThat(component.getAsJsonArray("imports").asList())
        .extracting(JsonElement::getAsString)
        .anyMatch(name -> name.startsWith("wasi:sockets/tcp@0.2."));
  }

  @Test
  void anArtifactOfAModuleIsForPreview1() throws IOException, NoSuchAlgorithmException {
    var layout = built("image", "build", HELLO, "-t", "hi", "-o", out, "--artifact");

    JsonObject config = json(blob(layout, manifest(layout).get("config")));
    assertThat(config.get("os").getAsString()).isEqualTo("wasip1");
    assertThat(config.has("component")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--wasm-layer", "--artifact"})
  void theSameFileGivesTheSameArchive(String form) throws IOException {
    var words = new ArrayList<Object>(List.of("image", "build", HELLO, "-t", "hi:1"));
    words.addAll(form.isEmpty() ? List.of("-o", out) : List.of(form, "-o", out));
    built(words.toArray());
    byte[] first = Files.readAllBytes(out);

    built(words.toArray());

    assertThat(out).hasBinaryContent(first);
  }

  @Test
  void theNameIsCompleteAndTheDigestIsTold() throws IOException {
    var outcome = krustlet.call("image", "build", HELLO, "-t", "hi", "-o", out, "--json");

    JsonObject told = json(outcome.out().getBytes(StandardCharsets.UTF_8));
    var layout = files(Files.readAllBytes(out));
    JsonObject manifest =
        json(file(layout, "index.json")).getAsJsonArray("manifests").get(0).getAsJsonObject();
    assertThat(told.get("name").getAsString()).isEqualTo("docker.io/library/hi:latest");
    assertThat(manifest.getAsJsonObject("annotations").get("io.containerd.image.name"))
        .isEqualTo(told.get("name"));
    assertThat(told.get("digest")).isEqualTo(manifest.get("digest"));
    assertThat(told.get("form").getAsString()).isEqualTo("ordinary");
    assertThat(told.get("bytes").getAsLong()).isEqualTo(Files.size(out));
  }

  @Test
  void whatCannotBeAnImageIsRefused() throws IOException {
    Path text = Files.writeString(directory.resolve("a.wat"), "(module)");
    Path junk = Files.writeString(directory.resolve("a.txt"), "text");

    assertThat(krustlet.call("image", "build", junk, "-t", "a", "-o", out).status()).isEqualTo(65);
    assertThat(krustlet.call("image", "build", text, "-t", "a", "-o", out).status()).isZero();
    assertThat(krustlet.call("image", "build", text, "-t", "a", "-o", out, "--artifact").err())
        .contains("'a.wat' is text");
    assertThat(krustlet.call("image", "build", "none", "-t", "a", "-o", out).status())
        .isEqualTo(66);
    assertThat(krustlet.call("image", "build", HELLO, "-t", "A", "-o", out).status()).isEqualTo(64);
    assertThat(krustlet.call("image", "build", HELLO, "-t", "a").status()).isEqualTo(64);
    var both =
        krustlet.call("image", "build", HELLO, "-ta", "-o", out, "--artifact", "--wasm-layer");
    assertThat(both.err()).contains("mutually exclusive");
    assertThat(krustlet.call("image", "build", HELLO, "-ta", "-o", directory).status())
        .isEqualTo(74);
    assertThat(krustlet.call("image").err()).contains("a command is missing: build, push or pull");
  }
}
