package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Containers of both kinds as Docker runs them, with each of its networks.
@EnabledIfSystemProperty(named = "krustlet.docker", matches = ".+")
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class DockerIT {
  private static final Duration SOON = Duration.ofSeconds(20);

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static Docker docker;

  DockerIT(Installation installation) {
    assertThat(docker.network().apart(installation)).isEqualTo(docker.containerd().installation());
  }

  @BeforeParameterizedClassInvocation
  static void start(Installation installation) throws IOException, InterruptedException {
    docker = Docker.start(installation, Path.of(System.getProperty("krustlet.docker", "")));
  }

  @AfterEach
  void nothingIsLeft() throws IOException, InterruptedException {
    String left = docker.succeed("ps", "--all", "--quiet");
    if (!left.isEmpty()) {
      docker.succeed(words("rm", "--force").with(left.split("\n")));
    }
    Await.until(
        "the end of the containers' interfaces",
        SOON,
        () -> docker.network().links().equals(List.of("lo", "docker0")));
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    docker.close();
  }

  private record Words(List<String> first) {
    String[] with(String... more) {
      var all = new ArrayList<>(first);
      all.addAll(Arrays.asList(more));
      return all.toArray(String[]::new);
    }
  }

  private static Words words(String... first) {
    return new Words(List.of(first));
  }

  private static Words run(String... flags) {
    var words = new ArrayList<>(List.of("run", "--runtime", PrivateContainerd.RUNTIME));
    words.addAll(List.of(flags));
    words.add(Guests.IMAGE);
    return new Words(words);
  }

  private static String ask(String address, String path) throws IOException, InterruptedException {
    return docker.network().run("curl", "-sS", "--max-time", "10", "http://" + address + path);
  }

  private static void awaitAnswer(String address) throws IOException, InterruptedException {
    Await.until(
        "an answer from " + address,
        SOON,
        () ->
            docker
                .network()
                .run("sh", "-c", "curl -s --max-time 2 http://" + address + "/ || true")
                .contains("hello"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "none", "bridge"})
  void aGuestRunsInEachNetwork(String network) throws IOException, InterruptedException {
    assertThat(docker.succeed(run("--rm", "--network", network).with("/hello.wasm", "--x")))
        .contains("hello from wasm", "arg 1: --x");
  }

  @ParameterizedTest
  @CsvSource({"none,1", "bridge,2"})
  void aGuestsPidShowsTheNetworkThatDockerMade(String network, int links)
      throws IOException, InterruptedException {
    docker.succeed(run("--detach", "--name", "guest", "--network", network).with("/counter.wasm"));
    String pid = docker.succeed("inspect", "--format", "{{.State.Pid}}", "guest");
    List<String> own =
        docker
            .network()
            .run("nsenter", "--net=/proc/%s/ns/net".formatted(pid), "ip", "-o", "link")
            .lines()
            .toList();
    assertThat(own).hasSize(links).first().asString().contains("lo: <LOOPBACK,UP");
    assertThat(docker.network().links()).doesNotContain("eth0");
  }

  @Test
  void aServiceIsReachedByItsPublishedPortAndItsAddress() throws IOException, InterruptedException {
    docker.succeed(run("--detach", "--name", "guest", "--publish", "18080:8080").with("/web.wasm"));
    awaitAnswer("127.0.0.1:18080");
    String address =
        docker.succeed(
            "inspect",
            "--format",
            "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
            "guest");
    assertThat(ask(address + ":8080", "/")).contains("hello");
    assertThat(docker.succeed("stop", "guest")).isEqualTo("guest");
    assertThat(docker.succeed("inspect", "--format", "{{.State.ExitCode}}", "guest"))
        .isEqualTo("0");
    docker.succeed("start", "guest");
    awaitAnswer("127.0.0.1:18080");
  }

  @Test
  void containersOfOneNetworkKnowEachOtherByName() throws IOException, InterruptedException {
    docker.succeed("network", "create", "shop");
    try {
      docker.succeed(run("--detach", "--name", "web", "--network", "shop").with("/web.wasm"));
      docker.succeed(
          run("--detach", "--name", "native", "--network", "shop")
              .with(
                  "/bin/busybox",
                  "sh",
                  "-c",
                  "echo hello from a program >/tmp/index.html; busybox httpd -f -p 80 -h /tmp"));
      for (String url : List.of("http://web:8080/", "http://native/")) {
        assertThat(
                docker.succeed(
                    run("--rm", "--network", "shop").with("/fetch.wasm", "--timeout", "20", url)))
            .contains("hello");
        assertThat(
                docker.succeed(
                    run("--rm", "--network", "shop")
                        .with("/bin/busybox", "wget", "-q", "-O", "-", url)))
            .contains("hello");
      }
    } finally {
      docker.succeed("rm", "--force", "web", "native");
      docker.succeed("network", "rm", "shop");
    }
  }

  @Test
  void aGuestIsLookedAtAndHeldLikeAnyContainer() throws IOException, InterruptedException {
    docker.succeed(
        run("--detach", "--name", "guest", "--memory", "64m")
            .with("/counter.wasm", "--interval", "1"));
    Await.until("lines", SOON, () -> docker.succeed("logs", "guest").lines().count() > 1);
    assertThat(docker.succeed("exec", "guest", "/hello.wasm")).contains("hello from wasm");
    assertThat(docker.succeed("stats", "--no-stream", "--format", "{{.MemUsage}}", "guest"))
        .endsWith("/ 64MiB");
    docker.succeed("pause", "guest");
    assertThat(docker.succeed("inspect", "--format", "{{.State.Status}}", "guest"))
        .isEqualTo("paused");
    docker.succeed("unpause", "guest");
    docker.succeed("update", "--memory", "128m", "--memory-swap", "128m", "guest");
    assertThat(docker.succeed("stats", "--no-stream", "--format", "{{.MemUsage}}", "guest"))
        .endsWith("/ 128MiB");
    docker.succeed("stop", "--time", "5", "guest");
    assertThat(docker.succeed("inspect", "--format", "{{.State.ExitCode}}", "guest"))
        .isEqualTo("143");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/files.wasm /data/greeting /out/copy",
        "/bin/busybox cp /data/greeting /out/copy"
      })
  void volumesAreThereWithTheirFlags(String command) throws IOException, InterruptedException {
    Path volume = Files.createDirectories(docker.bed().path().resolve("volume"));
    Path out = Files.createDirectories(docker.bed().path().resolve("copies"));
    Files.writeString(volume.resolve("greeting"), "from the node\n");
    Words mounted = run("--rm", "--volume", volume + ":/data:ro", "--volume", out + ":/out");
    docker.succeed(mounted.with(command.split(" ")));
    assertThat(out.resolve("copy")).hasContent("from the node");
    Files.delete(out.resolve("copy"));
    assertThat(docker.command(mounted.with(command.replace("/out", "/data").split(" "))).status())
        .isNotZero();
    assertThat(volume.resolve("copy")).doesNotExist();
  }

  @Test
  void aComposedApplicationOfBothKindsRuns() throws IOException, InterruptedException {
    Path file = docker.bed().path().resolve("compose.yaml");
    Files.writeString(
        file,
        """
        name: shop
        services:
          web:
            image: %1$s
            runtime: %2$s
            command: /web.wasm
            environment: {NAME: composed}
            ports: ["18081:8080"]
          proxy:
            image: %1$s
            runtime: %2$s
            depends_on: [web]
            command:
              - /bin/sh
              - -c
              - until busybox wget -q -O - http://web:8080/; do busybox sleep 0.2; done
        """
            .formatted(Guests.IMAGE, PrivateContainerd.RUNTIME));
    docker.succeed("compose", "--file", file.toString(), "up", "--detach");
    try {
      awaitAnswer("127.0.0.1:18081");
      Await.until(
          "the sidecar's answer",
          SOON,
          () ->
              docker
                  .succeed("compose", "--file", file.toString(), "logs", "proxy")
                  .contains("hello, composed"));
    } finally {
      docker.succeed("compose", "--file", file.toString(), "down", "--timeout", "5");
    }
  }

  @Test
  void anImageOfTheCommandIsLoaded() throws IOException, InterruptedException {
    String archive = docker.bed().path().resolve("hello.tar").toString();
    Installation installation = docker.containerd().installation();
    docker
        .network()
        .run(
            "env",
            "JAVA_HOME=" + System.getProperty("java.home"),
            installation.krustlet().resolve("krustlet").toString(),
            "image",
            "build",
            installation.example("hello").toString(),
            "--tag",
            "localhost/built:1",
            "--output",
            archive);
    docker.succeed("load", "--input", archive);
    assertThat(
            docker.succeed(
                "run", "--rm", "--runtime", PrivateContainerd.RUNTIME, "localhost/built:1"))
        .contains("hello from wasm");
  }

  @Test
  void anEngineThatWasKilledIsNoReasonToStayDown() throws IOException, InterruptedException {
    docker.succeed(run("--detach", "--name", "again", "--restart", "always").with("/counter.wasm"));
    docker.bed().processes(Programs.ENGINE).forEach(DockerIT::kill);
    Await.until(
        "the second start",
        SOON,
        () ->
            docker
                .succeed("inspect", "--format", "{{.RestartCount}} {{.State.Status}}", "again")
                .equals("1 running"));
  }

  private static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  @Test
  void whatAGuestCannotHaveIsRefusedInASentence() throws IOException, InterruptedException {
    Finished refused = docker.command(run("--rm", "--tty").with("/hello.wasm"));
    assertThat(refused.status()).isNotZero();
    assertThat(refused.err() + refused.out()).contains("a wasm container has no terminal");
  }
}
