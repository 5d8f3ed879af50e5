package dev.krustlet.command.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.krustlet.shim.containerd.FakeContainerd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("engine")
@Timeout(120)
final class CacheWarmCommandTest {
  private static final String NAME = "docker.io/library/app:latest";
  private static final byte[] EMPTY = {0, 'a', 's', 'm', 1, 0, 0, 0};

  /// An empty module with so long a custom section that each length is a module of its own.
  private static byte[] module(int length) {
    byte[] bytes = Arrays.copyOf(EMPTY, EMPTY.length + 2 + length);
    bytes[EMPTY.length + 1] = (byte) length;
    return bytes;
  }

  @TempDir private Path directory;
  private Krustlet krustlet;
  private FakeContainerd containerd;
  private Path socket;

  @BeforeEach
  void start() throws IOException {
    krustlet = Krustlet.installed(Files.createDirectory(directory.resolve("home")));
    socket = directory.resolve("c.sock");
    containerd = new FakeContainerd(socket, "k8s.io");
  }

  @AfterEach
  void stop() {
    containerd.close();
  }

  /// Files of a layer; a text is the target of a link.
  private static byte[] tar(Map<String, Object> files) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      for (var each : files.entrySet()) {
        if (each.getValue() instanceof String target) {
          var link = new TarArchiveEntry(each.getKey(), TarConstants.LF_SYMLINK);
          link.setLinkName(target);
          tar.putArchiveEntry(link);
        } else {
          byte[] content = (byte[]) each.getValue();
          var entry = new TarArchiveEntry(each.getKey());
          entry.setSize(content.length);
          tar.putArchiveEntry(entry);
          tar.write(content);
        }
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private interface Packing {
    OutputStream around(OutputStream out) throws IOException;
  }

  private static byte[] packed(byte[] bytes, Packing packing) throws IOException {
    var all = new ByteArrayOutputStream();
    try (var out = packing.around(all)) {
      out.write(bytes);
    }
    return all.toByteArray();
  }

  private void image(String config, String type, byte[]... layers) {
    List<String> described = new ArrayList<>();
    for (byte[] each : layers) {
      described.add(
          "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
              .formatted(type, containerd.keep(each), each.length));
    }
    String digest = containerd.keep(config.getBytes(StandardCharsets.UTF_8));
    String manifest =
        "{\"config\":{\"digest\":\"%s\"},\"layers\":[%s]}"
            .formatted(digest, String.join(",", described));
    containerd.images.put(NAME, containerd.keep(manifest.getBytes(StandardCharsets.UTF_8)));
  }

  private void rooted(String entrypoint, byte[]... layers) {
    image(
        "{\"config\":{\"Entrypoint\":[\"%s\"],\"WorkingDir\":\"/work\"}}".formatted(entrypoint),
        "application/vnd.oci.image.layer.v1.tar",
        layers);
  }

  private Krustlet.Outcome warm(String... more) throws IOException {
    List<Object> words = new ArrayList<>(List.of("cache", "warm", "--address", socket));
    words.addAll(Arrays.asList(more));
    return krustlet.call(words.toArray());
  }

  /// Module and state of each line.
  private List<String> lines(String... more) throws IOException {
    var words = new ArrayList<>(Arrays.asList(more));
    words.add("--json");
    var outcome = warm(words.toArray(String[]::new));
    assertThat(outcome.status()).as(outcome.err()).isZero();
    JsonObject told = JsonParser.parseString(outcome.out()).getAsJsonObject();
    return told.getAsJsonArray("modules").asList().stream()
        .map(each -> each.getAsJsonObject())
        .map(each -> each.get("module").getAsString() + " " + each.get("state").getAsString())
        .toList();
  }

  @Test
  void theEntrypointOfAnImageIsCompiledOnceHoweverItsLayersArePacked() throws IOException {
    List<Packing> packings =
        List.of(out -> out, GZIPOutputStream::new, ZstdCompressorOutputStream::new);
    for (int i = 0; i < packings.size(); i++) {
      rooted("/app.wasm", packed(tar(Map.of("app.wasm", module(i + 1))), packings.get(i)));

      assertThat(lines("app")).containsExactly("/app.wasm compiled");
      assertThat(lines(NAME)).containsExactly("/app.wasm was there");
    }
    try (var files = Files.walk(krustlet.cache())) {
      assertThat(files.filter(each -> each.toString().endsWith(".cwasm"))).hasSize(3);
    }
  }

  @Test
  void whatIsCompiledIsWhatTheContainerFinds() throws IOException {
    byte[] lower =
        tar(
            Map.of(
                "bin/one.wasm", module(1),
                "bin/two.wasm", module(2),
                "old/three.wasm", module(3),
                "plain", new byte[] {1, 2, 3}));
    byte[] upper =
        tar(
            Map.of(
                "bin/.wh.two.wasm",
                new byte[0],
                "old/.wh..wh..opq",
                new byte[0],
                "work/start",
                "../links/app",
                "links",
                "/bin",
                "bin/app",
                "one.wasm",
                "bin/four.wasm",
                module(4)));
    rooted("./start", lower, upper);

    assertThat(lines("app")).containsExactly("/bin/one.wasm compiled");
    assertThat(lines("app", "--all"))
        .containsExactlyInAnyOrder("/bin/one.wasm was there", "/bin/four.wasm compiled");
  }

  @Test
  void layersThatAreModulesAreCompiledAsTheyAre() throws IOException {
    image("{}", "application/wasm", module(1), module(2));

    assertThat(lines("app")).hasSize(2).allMatch(each -> each.endsWith(" compiled"));
  }

  @Test
  void machineCodeInAnImageIsNoModule() throws IOException {
    Path compiled = directory.resolve("hello.cwasm");
    assertThat(krustlet.call("compile", Krustlet.example("hello"), "-o", compiled).status())
        .isZero();
    byte[] code = Files.readAllBytes(compiled);

    rooted("/app.wasm", tar(Map.of("app.wasm", code)));
    assertThat(warm("app", "--all"))
        .satisfies(it -> assertThat(it.status()).isEqualTo(65))
        .satisfies(it -> assertThat(it.err()).contains("has no module"));

    image("{}", "application/wasm", code);
    assertThat(warm("app"))
        .satisfies(it -> assertThat(it.status()).isEqualTo(65))
        .satisfies(it -> assertThat(it.out()).contains("failed"))
        .satisfies(it ->
            assertThat(it.err())
                .contains("does not compile: ")
                .contains("not a WebAssembly module"));
  }

  @Test
  void oneThatDoesNotCompileStopsNoOther() throws IOException {
    byte[] bad = Arrays.copyOf(EMPTY, 20);
    Arrays.fill(bad, 8, 20, (byte) 0x7f);
    rooted("/bad", tar(Map.of("bad", bad, "good", module(1))));

    var outcome = warm("app", "--all");

    assertThat(outcome.status()).isEqualTo(65);
    assertThat(outcome.err()).contains("`/bad of image " + NAME + "` does not compile: ");
    assertThat(outcome.out().lines().map(each -> each.replaceAll(" {2,}.*  ", " ")))
        .contains("/bad failed", "/good compiled");
  }

  @Test
  void aDamagedLayerIsRefused() throws IOException {
    byte[] layer = tar(Map.of("app.wasm", module(1)));
    rooted("/app.wasm", layer);
    byte[] other = tar(Map.of("app.wasm", module(2)));
    containerd.blobs.put(containerd.keep(layer), other);

    assertThat(warm("app"))
        .satisfies(it -> assertThat(it.status()).isEqualTo(65))
        .satisfies(it -> assertThat(it.err()).contains("is damaged"));
    rooted("/app.wasm", new byte[] {0x1f, (byte) 0x8b, 0, 0, 0});
    assertThat(warm("app").status()).isEqualTo(65);
    rooted("/app.wasm", new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0});
    assertThat(warm("app").status()).isEqualTo(65);
  }

  @Test
  void anImageWhoseLayersWereDiscardedIsToldAndStopsNoOther() throws IOException {
    byte[] gone = tar(Map.of("app.wasm", module(1)));
    rooted("/app.wasm", gone);
    containerd.blobs.remove(containerd.keep(gone));
    containerd.images.put(
        "docker.io/library/lost:latest", containerd.images.getOrDefault(NAME, ""));
    rooted("/app.wasm", tar(Map.of("app.wasm", module(2))));

    var outcome = warm("lost", "app");

    assertThat(outcome.status()).isEqualTo(65);
    assertThat(outcome.err())
        .contains("has discarded the layer sha256:")
        .contains("of image docker.io/library/lost:latest")
        .contains("start a container of the image once instead");
    assertThat(outcome.out()).contains("/app.wasm").contains("compiled");
  }

  @Test
  void whatIsNotThereIsToldWithTheNextStep() throws IOException {
    assertThat(warm("none"))
        .satisfies(it -> assertThat(it.status()).isEqualTo(66))
        .satisfies(it -> assertThat(it.err()).contains("no image none in namespace k8s.io"));
    assertThat(krustlet.call("cache", "warm", "a", "--address", directory.resolve("no")))
        .satisfies(it -> assertThat(it.status()).isEqualTo(69))
        .satisfies(it -> assertThat(it.err()).contains("--address names another place"));
    assertThat(warm().status()).isEqualTo(64);
  }
}
