package dev.krustlet.command.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a registry may do to us. An honest one is in the tests of the distribution.
@Timeout(120)
final class ImagePullCommandTest {
  @TempDir private Path directory;
  private Krustlet krustlet;
  private Path out;
  private HttpServer server;
  private final Map<String, byte[]> answers = new ConcurrentHashMap<>();

  @BeforeEach
  void start() throws IOException {
    krustlet = Krustlet.installed(Files.createDirectory(directory.resolve("home")));
    out = directory.resolve("out.tar");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      byte[] answer = path.equals("/v2/") ? new byte[0] : answers.get(path);
      exchange
          .getResponseHeaders()
          .add("Content-Type", "application/vnd.oci.image.manifest.v1+json");
      if (answer == null || answer.length == 0) {
        exchange.sendResponseHeaders(answer == null ? 404 : 200, -1);
        return;
      }
      exchange.sendResponseHeaders(200, 0); // in chunks, without a length
      try (var body = exchange.getResponseBody()) {
        body.write(answer);
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String digest(byte[] bytes) throws NoSuchAlgorithmException {
    return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private String name() {
    return "127.0.0.1:%d/a".formatted(server.getAddress().getPort());
  }

  private Krustlet.Outcome pull(String name) throws IOException {
    return krustlet.call("image", "pull", name, "-o", out);
  }

  private void manifest(String blob, long size) throws NoSuchAlgorithmException {
    String layer = "{\"digest\":\"%s\",\"size\":%d}".formatted(digest(bytes(blob)), size);
    answers.put(
        "/v2/a/manifests/latest",
        bytes(
            "{\"schemaVersion\":2,\"x\":1.0,\"config\":%s,\"layers\":[%s]}"
                .formatted(layer, layer)));
  }

  private void blob(String asked, String sent) throws NoSuchAlgorithmException {
    answers.put("/v2/a/blobs/" + digest(bytes(asked)), bytes(sent));
  }

  private void assertRefused(Krustlet.Outcome outcome, int status, String sentence)
      throws IOException {
    assertThat(outcome.err()).contains(sentence);
    assertThat(outcome.status()).isEqualTo(status);
    assertThat(out).doesNotExist();
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(directory.resolve("home"));
    }
  }

  @Test
  void aManifestIsKeptAsItIsWhateverIsInIt() throws IOException, NoSuchAlgorithmException {
    manifest("blob", 4);
    blob("blob", "blob");

    assertThat(pull(name()).status()).isZero();

    assertThat(new String(Files.readAllBytes(out), StandardCharsets.ISO_8859_1))
        .contains("\"x\":1.0");
  }

  @Test
  void aBlobWithOtherBytesIsRefused() throws IOException, NoSuchAlgorithmException {
    manifest("blob", 4);
    blob("blob", "bulb");

    assertRefused(pull(name()), 65, "damaged");
  }

  @Test
  void aBlobThatIsLongerOrShorterThanAnnouncedIsRefused()
      throws IOException, NoSuchAlgorithmException {
    manifest("blob", 3);
    blob("blob", "blob");
    assertRefused(pull(name()), 65, "damaged");

    manifest("blob", 5);
    assertRefused(pull(name()), 65, "damaged");
  }

  @Test
  void aManifestWithoutEndIsNotReadToItsEnd() throws IOException {
    byte[] spaces = new byte[5 << 20];
    Arrays.fill(spaces, (byte) ' ');
    answers.put("/v2/a/manifests/latest", spaces);

    assertRefused(pull(name()), 65, "sends a manifest of more than");
  }

  @Test
  void aManifestThatIsNotTheOneAskedForIsRefused() throws IOException, NoSuchAlgorithmException {
    String digest = digest(bytes("{}"));
    answers.put("/v2/a/manifests/" + digest, bytes("{\"schemaVersion\":2}"));

    assertRefused(pull(name() + "@" + digest), 65, "is damaged");
  }

  @Test
  void whatIsNoImageIsRefused() throws IOException {
    answers.put("/v2/a/manifests/latest", bytes("<html>"));

    assertRefused(pull(name()), 65, "manifest sha256:");
    assertThat(pull(name() + "@sha256:1").status()).isEqualTo(64);
    assertThat(krustlet.call("image", "pull", name()).status()).isEqualTo(64);
    assertThat(krustlet.call("image", "pull", name(), "-o", out, "--user", "me").err())
        .contains("--user and --password-stdin belong together");
  }
}
