package dev.krustlet.shim.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.proto.task.v2.CreateTaskRequest;
import dev.krustlet.proto.task.v2.CreateTaskResponse;
import dev.krustlet.ttrpc.CallOptions;
import dev.krustlet.ttrpc.Code;
import dev.krustlet.ttrpc.TtrpcClient;
import dev.krustlet.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// No container runs on the portable engine, whoever wants it.
@Timeout(60)
final class PortableDaemonTest {
  private static final CallOptions CALL = CallOptions.timeout(Duration.ofSeconds(30));

  @TempDir Path directory;
  private Path config;
  private @Nullable Process daemon;

  @BeforeEach
  void configure() throws IOException {
    config = directory.resolve("config.toml");
    Files.writeString(
        config,
        """
        cache_dir = "%1$s/cache"
        log_dir = "%1$s/log"
        """
            .formatted(directory));
  }

  @AfterEach
  void end() throws InterruptedException {
    if (daemon != null) {
      daemon.destroyForcibly().waitFor();
    }
  }

  @Test
  void aNodeThatIsConfiguredForItHasNoDaemonAndAReason() throws IOException, InterruptedException {
    Files.writeString(config, "engine = \"portable\"\n");

    daemon = daemon();

    String said = new String(daemon.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said).contains(config.toString(), "runs no containers").containsOnlyOnce("\n");
    assertThat(daemon.waitFor()).isEqualTo(1);
  }

  @Test
  void aDaemonWithoutAnotherRefusesModulesWithAReason()
      throws IOException, InterruptedException, TtrpcException {
    installWithoutEngine();
    daemon = daemon();
    assertThat(daemon.getInputStream().readAllBytes()).isEmpty(); // its end: the daemon listens
    String record = Files.readString(directory.resolve("daemon")).strip();
    Path socket = Path.of(record.replaceFirst(".* unix://", ""));

    try (var client = TtrpcClient.connect(socket)) {
      assertThatThrownBy(() -> create(client))
          .isInstanceOfSatisfying(
              TtrpcException.class, e -> assertThat(e.code()).isEqualTo(Code.FAILED_PRECONDITION))
          .hasMessageContainingAll("`/hello.wasm`", "without krustlet-engine", "krustlet run");
    }
  }

  @Test
  void aDaemonThatNobodyNeedsLeavesNothing() throws IOException, InterruptedException {
    installWithoutEngine();
    Files.writeString(config, "idle_timeout = \"1s\"\n", StandardOpenOption.APPEND);

    daemon = daemon();

    assertThat(daemon.waitFor()).isZero();
    assertThat(directory.resolve("daemon")).doesNotExist();
    assertThat(directory.resolve("run")).isEmptyDirectory();
  }

  private void installWithoutEngine() throws IOException {
    Path portable = Files.createDirectories(directory.resolve("home/lib/portable"));
    Files.createFile(portable.resolve("alone"));
  }

  private void create(TtrpcClient client) throws IOException, TtrpcException, InterruptedException {
    Path bundle = Files.createDirectory(directory.resolve("bundle"));
    Path rootfs = Files.createDirectory(bundle.resolve("rootfs"));
    Files.copy(
        Path.of(System.getProperty("krustlet.root"), "examples/hello/hello.wasm"),
        rootfs.resolve("hello.wasm"));
    Files.writeString(
        bundle.resolve("config.json"),
        """
        {"ociVersion": "1.0.2", "root": {"path": "rootfs"},
         "process": {"args": ["/hello.wasm"], "cwd": "/", "user": {"uid": 0, "gid": 0}}}
        """);
    var request = CreateTaskRequest.newBuilder().setId("c").setBundle(bundle.toString()).build();
    client.call("containerd.task.v2.Task", "Create", request, CreateTaskResponse.parser(), CALL);
  }

  private Process daemon() throws IOException {
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Dkrustlet.home=" + directory.resolve("home"),
            "-cp",
            System.getProperty("java.class.path"),
            DaemonMain.class.getName(),
            "--namespace",
            "test",
            "--containerd",
            directory.resolve("containerd.sock").toString(),
            "--state",
            directory.toString(),
            "--run",
            directory.resolve("run").toString());
    builder.environment().put("KRUSTLET_CONFIG", config.toString());
    builder.environment().remove("TTRPC_ADDRESS");
    return builder.start();
  }
}
