package dev.krustlet.shim.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BundleTest {
  @TempDir Path bundle;

  @Test
  void aContainersSpecIsReadWithAllWeActOn() throws Exception {
    var spec =
        load(
            """
            {
              "ociVersion": "1.1.0",
              "process": {
                "user": {"uid": 1000, "gid": 4294967294, "additionalGids": [10, 20]},
                "args": ["/app.wasm", "-v"],
                "env": ["A=b"],
                "cwd": "/work",
                "capabilities": {"bounding": ["CAP_KILL"], "effective": ["CAP_CHOWN"]},
                "rlimits": [{"type": "RLIMIT_CORE", "hard": 18446744073709551615, "soft": 1}],
                "noNewPrivileges": true,
                "oomScoreAdj": -998
              },
              "root": {"path": "rootfs", "readonly": true},
              "mounts": [{"destination": "/d", "type": "bind", "source": "/s", "options": ["ro"]}],
              "hooks": {"prestart": [{"path": "/hook", "args": ["hook"]}]},
              "annotations": {"io.kubernetes.cri.container-type": "container"},
              "linux": {
                "resources": {
                  "devices": [{"allow": false, "access": "rwm"}],
                  "memory": {"limit": 67108864, "swap": 67108864},
                  "cpu": {"shares": 512, "quota": 20000, "period": 100000, "cpus": "0-1"},
                  "pids": {"limit": 100}
                },
                "cgroupsPath": "/pod/id",
                "namespaces": [{"type": "pid"}, {"type": "network", "path": "/var/run/netns/x"}]
              }
            }
            """);

    var process = spec.process();
    assertThat(process.args()).containsExactly("/app.wasm", "-v");
    assertThat(Integer.toUnsignedLong(process.user().gid())).isEqualTo(4294967294L);
    assertThat(process.user().additionalGids()).containsExactly(10, 20);
    assertThat(process.capabilities().effective()).containsExactly("CAP_CHOWN");
    assertThat(process.rlimits())
        .containsExactly(new Process.Rlimit("RLIMIT_CORE", 1, Long.MAX_VALUE));
    assertThat(process.noNewPrivileges()).isTrue();
    assertThat(process.oomScoreAdj()).isEqualTo(-998);
    assertThat(spec.root()).isEqualTo(new Root("rootfs", true));
    assertThat(spec.mounts().getFirst().options()).containsExactly("ro");
    assertThat(spec.hooks().all())
        .containsExactly(new Hooks.Hook("/hook", List.of("hook"), List.of(), null));
    var resources = spec.linux().resources();
    assertThat(resources.memory()).isEqualTo(new Resources.Memory(67108864, 67108864));
    assertThat(resources.cpu()).isEqualTo(new Resources.Cpu(512, 20000, 100000));
    assertThat(resources.pids().limit()).isEqualTo(100);
    assertThat(spec.linux().namespace("network"))
        .hasValue(new Linux.Namespace("network", "/var/run/netns/x"));
    assertThat(spec.linux().namespace("pid")).hasValue(new Linux.Namespace("pid", ""));
    assertThat(spec.linux().namespace("user")).isEmpty();
  }

  @Test
  void anArgumentThatLinuxWouldNotTakeIsRefused() throws Exception {
    assertThat(load(process("x".repeat(131071))).process().env()).hasSize(1);
    assertThatExceptionOfType(SpecException.class)
        .isThrownBy(() -> load(process("x".repeat(131072))))
        .withMessageContaining("env[0] has 131072 bytes");
    assertThatExceptionOfType(SpecException.class)
        .isThrownBy(() -> Bundle.parseProcess("{\"args\": [\"%s\"]}".formatted("ü".repeat(65536))))
        .withMessageContaining("args[0] has 131072 bytes");
  }

  @Test
  void aStringThatNobodyMeansIsNotEvenRead() throws Exception {
    String escaped = "\\u003c".repeat(200_000); // an annotation, as Go writes its `<`
    assertThat(load("{\"annotations\": {\"a\": \"%s\"}}".formatted(escaped)).annotations())
        .hasSize(1);
    assertThatExceptionOfType(SpecException.class)
        .isThrownBy(() -> load(process("x".repeat(4 << 20))))
        .withMessageContaining("a string is longer than 524288 characters");
  }

  @Test
  void moreMountsThanAnyPodHasAreRefused() throws Exception {
    String mounts = "{},".repeat(4096) + "{}";
    assertThatExceptionOfType(SpecException.class)
        .isThrownBy(() -> load("{\"mounts\": [%s]}".formatted(mounts)))
        .withMessageContaining("4097 mounts are more than 4096");
  }

  private static String process(String env) {
    return "{\"process\": {\"env\": [\"%s\"]}}".formatted(env);
  }

  @Test
  void whatIsAbsentOrNullIsItsEmptyValue() throws Exception {
    var empty = new Spec(null, null, null, null, null, null);

    assertThat(load("{}")).isEqualTo(empty);
    assertThat(load("{\"process\": null, \"mounts\": null, \"linux\": {\"resources\": null}}"))
        .isEqualTo(empty);
    assertThat(empty.process().cwd()).isEqualTo("/");
    assertThat(empty.process().user()).isEqualTo(User.ROOT);
    assertThat(empty.hooks().all()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"process": {"args": "x"}}                         | field process.args: Expected BEGIN_ARRAY but was STRING
          {"process": {"user": {"uid": 4294967296}}}         | field process.user.uid: 4294967296 is beyond 32 bits
          {"process": {"user": {"uid": "root"}}}             | field process.user.uid: a number is expected
          {"linux": {"resources": {"memory": {"limit": 1.5}}}} | field linux.resources.memory.limit: a whole number is expected
          {"linux": {"resources": {"memory": {"limit": 1e99999999}}}} | field linux.resources.memory.limit: a whole number is expected
          {"process": {"args": ["x", null]}}                 | null is not allowed here
          {"process":                                        | field process: End of input
          [1]                                                | is no JSON object
          {} {}                                              | at its top: malformed JSON
          """)
  void aFaultNamesFileAndField(String json, String fault) throws IOException {
    Files.writeString(bundle.resolve("config.json"), json);

    assertThatExceptionOfType(SpecException.class)
        .isThrownBy(() -> Bundle.load(bundle))
        .withMessageStartingWith(bundle.resolve("config.json") + ": ")
        .withMessageContaining(fault);
  }

  @Test
  void aDocumentThatNestsWithoutEndIsRefused() throws IOException {
    var deep = "{\"annotations\":" + "[".repeat(100_000);
    Files.writeString(bundle.resolve("config.json"), deep);

    assertThatExceptionOfType(SpecException.class).isThrownBy(() -> Bundle.load(bundle));
  }

  @Test
  void aDocumentWithoutEndIsRefused() throws IOException {
    try (var channel = Files.newOutputStream(bundle.resolve("config.json"))) {
      channel.write(new byte[(8 << 20) + 1]);
    }

    assertThatExceptionOfType(SpecException.class)
        .isThrownBy(() -> Bundle.load(bundle))
        .withMessageEndingWith("larger than 8388608 bytes; shorten its args, env or annotations");
  }

  @Test
  void aMissingConfigIsAnIoError() {
    assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> Bundle.load(bundle));
  }

  @Test
  void annotationsTellASandboxFromItsContainers() throws Exception {
    var sandbox = load("{\"annotations\": {\"io.kubernetes.cri.container-type\": \"sandbox\"}}");
    var container =
        load(
            """
            {"annotations": {
              "io.kubernetes.cri.container-type": "container",
              "io.kubernetes.cri.container-name": "app",
              "io.kubernetes.cri.sandbox-name": "pod",
              "io.kubernetes.cri.sandbox-id": "abc"}}
            """);

    assertThat(Annotations.isSandbox(sandbox)).isTrue();
    assertThat(Annotations.sandboxId(sandbox)).isEmpty();
    assertThat(Annotations.isSandbox(container)).isFalse();
    assertThat(Annotations.sandboxId(container)).hasValue("abc");
    assertThat(Annotations.sandboxName(container)).hasValue("pod");
    assertThat(Annotations.containerName(container)).hasValue("app");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "..", ".", "a/b", "/etc"})
  void aSandboxsIdIsNoPath(String id) {
    String json = "{\"annotations\": {\"io.kubernetes.cri.sandbox-id\": \"%s\"}}".formatted(id);

    assertThatExceptionOfType(SpecException.class)
        .isThrownBy(() -> load(json))
        .withMessageEndingWith(
            "annotation io.kubernetes.cri.sandbox-id: '%s' is no id of a sandbox".formatted(id));
  }

  private Spec load(String json) throws IOException, SpecException {
    Files.writeString(bundle.resolve("config.json"), json);
    return Bundle.load(bundle);
  }
}
