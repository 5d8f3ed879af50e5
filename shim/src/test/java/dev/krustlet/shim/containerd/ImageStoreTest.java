package dev.krustlet.shim.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.WasmLayer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class ImageStoreTest {
  private static final String WASM = "application/wasm";
  private static final String IMAGE = "localhost/app:1";

  @TempDir Path directory;
  private FakeContainerd containerd;
  private ImageStore store;

  @BeforeEach
  void start() throws IOException {
    Path socket = directory.resolve("c.sock");
    containerd = new FakeContainerd(socket, "here");
    store = new ImageStore(socket, "here");
    containerd.containers.put("app", IMAGE);
  }

  @AfterEach
  void stop() {
    containerd.close();
  }

  private String layer(String mediaType, String title, String bytes) {
    return """
    {"mediaType":"%s","digest":"%s","size":%d,"annotations":{"org.opencontainers.image.title":"%s"}}\
    """
        .formatted(mediaType, containerd.keep(bytes), bytes.length(), title);
  }

  private String manifest(String... layers) {
    String all = Arrays.stream(layers).collect(Collectors.joining(","));
    return containerd.keep("{\"schemaVersion\":2,\"layers\":[%s]}".formatted(all));
  }

  private static String platform(String architecture, String digest) {
    return "{\"digest\":\"%s\",\"platform\":{\"architecture\":\"%s\",\"os\":\"x\"}}"
        .formatted(digest, architecture);
  }

  private Optional<WasmLayer> find(String program)
      throws TaskException, IOException, InterruptedException {
    return store.find("app", program);
  }

  private String copied(WasmLayer layer) throws TaskException, IOException, InterruptedException {
    Path copy = directory.resolve("copy");
    layer.copyTo(copy);
    return Files.readString(copy, StandardCharsets.UTF_8);
  }

  @Test
  void theOnlyWasmLayerIsMeantWhateverTheCommand()
      throws TaskException, IOException, InterruptedException {
    containerd.images.put(
        IMAGE,
        manifest(layer("text/plain", "README", "read"), layer(WASM, "app.wasm", "bytes of wasm")));

    WasmLayer found = find("/run").orElseThrow();

    assertThat(found.name()).isEqualTo("app.wasm of image " + IMAGE);
    assertThat(found.size()).isEqualTo(13);
    assertThat("sha256:" + found.sha256()).isEqualTo(containerd.keep("bytes of wasm"));
    assertThat(copied(found)).isEqualTo("bytes of wasm");
  }

  @Test
  void theCommandChoosesAmongSeveralByName()
      throws TaskException, IOException, InterruptedException {
    containerd.images.put(
        IMAGE, manifest(layer(WASM, "a.wasm", "aa"), layer(WASM, "dir/b.wasm", "bb")));

    assertThat(copied(find("/b.wasm").orElseThrow())).isEqualTo("bb");
    assertThat(copied(find("a.wasm").orElseThrow())).isEqualTo("aa");
    assertThatThrownBy(() -> find("/c.wasm"))
        .isInstanceOf(TaskException.class)
        .hasMessage(
            "image localhost/app:1 has 2 wasm layers and `/c.wasm` names none of them: a.wasm, dir/b.wasm");
  }

  @Test
  void theManifestForThisMachineIsMeantAndOneForWasmBeforeOthers()
      throws TaskException, IOException, InterruptedException {
    String wasm = platform("wasm", manifest(layer(WASM, "a", "for wasm")));
    String other = platform("s390x", "sha256:not-pulled");
    containerd.images.put(IMAGE, containerd.keep("{\"manifests\":[%s,%s]}".formatted(other, wasm)));
    assertThat(copied(find("/a").orElseThrow())).isEqualTo("for wasm");

    String machine = System.getProperty("os.arch").replace("aarch64", "arm64");
    String ours = platform(machine, manifest());
    containerd.images.put(IMAGE, containerd.keep("{\"manifests\":[%s,%s]}".formatted(wasm, ours)));
    assertThat(find("/a")).isEmpty();
  }

  @Test
  void whatIsNoArtifactHasNone() throws TaskException, IOException, InterruptedException {
    assertThat(find("/a")).as("the image is gone").isEmpty();
    assertThat(store.find("other", "/a")).as("no such container").isEmpty();
    containerd.containers.put("docker", "");
    assertThat(store.find("docker", "/a")).as("of no image").isEmpty();
    assertThat(new ImageStore(directory.resolve("none"), "here").find("app", "/a")).isEmpty();
    containerd.images.put(IMAGE, manifest(layer("application/x-tar", "a", "root")));
    assertThat(find("/a")).as("an ordinary image").isEmpty();
  }

  @Test
  void aManifestThatIsNotWhatItsDigestSaysIsRefused() {
    String digest = manifest(layer(WASM, "a", "aa"));
    containerd.images.put(IMAGE, digest);
    containerd.blobs.put(digest, "{\"layers\":[]}".getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> find("/a"))
        .hasMessageContainingAll(digest, IMAGE, "is damaged: its bytes have another digest");
  }

  @Test
  void digestsThatAreNoneAreRefused() {
    for (String digest :
        new String[] {"sha512:00", "sha256:../../../etc/passwd", "", "sha256:AA"}) {
      containerd.images.put(
          IMAGE,
          manifest("{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":1}".formatted(WASM, digest)));

      assertThatThrownBy(() -> find("/a")).hasMessageContaining("its digest is no SHA-256");
    }
  }

  @Test
  void aLayerLargerThanItsManifestSaysIsNotReadToItsEnd()
      throws TaskException, IOException, InterruptedException {
    String small = layer(WASM, "a", "aa").replace("\"size\":2", "\"size\":1");
    containerd.images.put(IMAGE, manifest(small));
    WasmLayer found = find("/a").orElseThrow();

    assertThatThrownBy(() -> copied(found)).hasMessageContaining("is larger than 1 bytes");
  }

  @Test
  void whatContainerdCannotSayIsToldWithItsReason() {
    containerd.images.put(IMAGE, "sha256:missing");
    assertThatThrownBy(() -> find("/a"))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(Code.UNAVAILABLE))
        .hasMessageContainingAll("containerd.services.content.v1.Content/Read", "NOT_FOUND");

    assertThatThrownBy(() -> new ImageStore(store.socket(), "elsewhere").find("app", "/a"))
        .hasMessageContaining("no namespace");
  }
}
