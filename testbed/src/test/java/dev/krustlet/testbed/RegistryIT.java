package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `krustlet image push` and `pull` of the distribution against a real registry.
final class RegistryIT {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final Installation installation = Installation.ofBuild().getFirst();

  @TempDir private Path directory;
  private Map<String, String> environment = Map.of();
  private Path archive = Path.of("");
  private Path pulled = Path.of("");

  @BeforeEach
  void prepare() {
    assumeTrue(Files.isExecutable(RegistryProgram.BINARY), "needs docker-registry");
    archive = directory.resolve("built.tar");
    pulled = directory.resolve("pulled.tar");
    environment =
        Map.of(
            "PATH",
            directory + ":" + System.getenv("PATH"),
            "HOME",
            directory.toString(),
            "JAVA_HOME",
            System.getProperty("java.home"));
  }

  private Finished krustlet(String input, String... words)
      throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(installation.krustlet().resolve("krustlet").toString()));
    command.addAll(Arrays.asList(words));
    try (Command run = Command.startTyping(command, environment, directory)) {
      run.type(input);
      run.endInput();
      return run.await(DEADLINE);
    }
  }

  private Finished succeed(String input, String... words) throws IOException, InterruptedException {
    Finished done = krustlet(input, words);
    assertThat(done.status()).as(done.err()).isZero();
    return done;
  }

  private void build(String name, String form) throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("image", "build"));
    words.add(installation.example("hello").toString());
    words.addAll(List.of("-t", name, "-o", archive.toString()));
    if (!form.isEmpty()) {
      words.add(form);
    }
    succeed("", words.toArray(String[]::new));
  }

  /// The files of an archive by name, but for Docker's list of parts: a registry does not keep it.
  private static Map<String, ByteBuffer> entries(Path archive) throws IOException {
    byte[] bytes = Files.readAllBytes(archive);
    Map<String, ByteBuffer> entries = new LinkedHashMap<>();
    for (int at = 0; bytes[at] != 0; ) {
      String name = field(bytes, at, 100);
      int size = Integer.parseInt(field(bytes, at + 124, 12), 8);
      entries.put(name, ByteBuffer.wrap(Arrays.copyOfRange(bytes, at + 512, at + 512 + size)));
      at += 512 + (size + 511) / 512 * 512;
    }
    entries.remove("manifest.json");
    return entries;
  }

  private static String field(byte[] bytes, int at, int length) {
    return new String(bytes, at, length, StandardCharsets.US_ASCII)
        .replaceFirst("\0.*", "")
        .strip();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--wasm-layer", "--artifact"})
  void anImageComesBackAsItWasSent(String form) throws IOException, InterruptedException {
    try (var registry = RegistryProgram.open(directory)) {
      String name = registry.address() + "/some/hello:1";
      build(name, form);

      String sent = succeed("", "image", "push", archive.toString(), "--json").out();
      String got = succeed("", "image", "pull", name, "-o", pulled.toString(), "--json").out();

      assertThat(entries(pulled)).isEqualTo(entries(archive));
      assertThat(sent).matches("(?s).*\"digest\":\"sha256:[0-9a-f]{64}\".*");
      String digest = sent.replaceFirst("(?s).*\"digest\":\"([^\"]+)\".*", "$1");
      assertThat(got).contains("\"name\":\"" + name + "\"").contains(digest);
      String fixed = registry.address() + "/some/hello@" + digest;
      assertThat(succeed("", "image", "pull", fixed, "-o", pulled.toString()).out())
          .contains(digest);
    }
  }

  @Test
  void whatIsThereIsNotSentAgainAndAnotherNameIsAsGood() throws IOException, InterruptedException {
    try (var registry = RegistryProgram.open(directory)) {
      build("localhost/hello:1", "");
      String name = registry.address() + "/some/hello:2";

      String file = archive.toString();
      assertThat(succeed("", "image", "push", file, name, "--json").out())
          .doesNotContain("\"bytes\":0");
      assertThat(succeed("", "image", "push", file, name, "--json").out()).contains("\"bytes\":0");
    }
  }

  @Test
  void aPasswordOpensALockedRegistry() throws IOException, InterruptedException {
    try (var registry = RegistryProgram.locked(directory)) {
      build(registry.address() + "/hello:1", "--artifact");
      String[] push = {"image", "push", archive.toString()};
      String[] who = {"--user", RegistryProgram.USER, "--password-stdin"};

      assertThat(krustlet("", push))
          .satisfies(it -> assertThat(it.status()).isEqualTo(77))
          .satisfies(it -> assertThat(it.err()).contains("docker login " + registry.address()));
      assertThat(krustlet("wrong\n", concat(push, who)).status()).isEqualTo(77);
      succeed(RegistryProgram.PASSWORD + "\n", concat(push, who));
      String[] pull = {"image", "pull", registry.address() + "/hello:1", "-o", pulled.toString()};
      assertThat(krustlet("", pull).status()).isEqualTo(77);
      succeed(RegistryProgram.PASSWORD, concat(pull, who));
      assertThat(pulled).hasSameBinaryContentAs(archive);
    }
  }

  private static String[] concat(String[] first, String[] second) {
    List<String> all = new ArrayList<>(Arrays.asList(first));
    all.addAll(Arrays.asList(second));
    return all.toArray(String[]::new);
  }

  private void dockerConfig(String json) throws IOException {
    Path home = Files.createDirectories(directory.resolve(".docker"));
    Files.writeString(home.resolve("config.json"), json);
  }

  @Test
  void whatDockerKnowsOpensItToo() throws IOException, InterruptedException {
    try (var registry = RegistryProgram.locked(directory)) {
      build(registry.address() + "/hello:1", "");
      String pair = RegistryProgram.USER + ":" + RegistryProgram.PASSWORD;
      String auth = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
      dockerConfig("{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(registry.address(), auth));
      succeed("", "image", "push", archive.toString());

      dockerConfig("{\"credHelpers\":{\"%s\":\"ours\"}}".formatted(registry.address()));
      assertThat(krustlet("", "image", "push", archive.toString()).err())
          .contains("docker-credential-ours");
      helper();
      succeed("", "image", "push", archive.toString());
    }
  }

  /// A credential helper as docker has them: a program whose name ends with that of the helper.
  private void helper() throws IOException {
    Path helper = directory.resolve("docker-credential-ours");
    Files.writeString(
        helper,
        """
        #!/bin/sh
        read -r server
        echo '{"ServerURL":"'"$server"'","Username":"%s","Secret":"%s"}'
        """
            .formatted(RegistryProgram.USER, RegistryProgram.PASSWORD));
    Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void whatIsNotThereIsToldWithTheNextStep() throws IOException, InterruptedException {
    Map<String, Integer> statuses = new HashMap<>();
    try (var registry = RegistryProgram.open(directory)) {
      Finished absent =
          krustlet("", "image", "pull", registry.address() + "/a:1", "-o", pulled.toString());
      assertThat(absent.err()).contains("has no such image (status 404); check name and tag");
      statuses.put("absent", absent.status());
    }
    Finished refused = krustlet("", "image", "pull", "127.0.0.1:1/a:1", "-o", pulled.toString());
    assertThat(refused.err()).contains("127.0.0.1:1: the connection was refused");
    statuses.put("refused", refused.status());

    assertThat(statuses).containsEntry("absent", 66).containsEntry("refused", 69);
    assertThat(pulled).doesNotExist();
  }
}
