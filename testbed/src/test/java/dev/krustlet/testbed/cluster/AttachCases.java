package dev.krustlet.testbed.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.testbed.Command;
import dev.krustlet.testbed.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What kubectl carries between its user and a container.
final class AttachCases {
  @RegisterExtension final OwnNamespace own = new OwnNamespace();

  private static String cat(Kind kind) {
    return kind == Kind.WASM ? "[/cat.wat]" : "[/bin/cat]";
  }

  @ParameterizedTest
  @EnumSource
  void stdinReachesAContainerByAttach(Kind kind) throws IOException, InterruptedException {
    own.kubectl().apply(Manifests.once("app", cat(kind), "stdin: true\nstdinOnce: true"));
    own.kubectl().awaitReady("app");

    try (Command attached = own.kubectl().start("attach", "--stdin", "app")) {
      attached.type("one\n");
      own.kubectl().until("an answer", () -> attached.out().contains("one\n"));
      attached.type("two\n");
      attached.endInput();
      Finished done = attached.await(Kubectl.SOON);
      assertThat(done.out()).as(done.err()).endsWith("one\ntwo\n");
    }
    own.kubectl().awaitEnd("app", "Succeeded");
    assertThat(own.kubectl().call("logs", "app")).isEqualTo("one\ntwo\n");
  }

  @ParameterizedTest
  @EnumSource
  void stdinReachesAProgramByExec(Kind kind) throws IOException, InterruptedException {
    own.kubectl().apply(Manifests.server("app", kind.idle(), ""));
    own.kubectl().awaitReady("app");

    String program = kind == Kind.WASM ? "/cat.wat" : "/bin/cat";
    try (Command exec = own.kubectl().start("exec", "--stdin", "app", "--", program)) {
      exec.type("to and fro\n");
      exec.endInput();
      Finished done = exec.await(Kubectl.SOON);
      assertThat(done.out()).as(done.err()).isEqualTo("to and fro\n");
      assertThat(done.status()).isZero();
    }
    assertThat(own.kubectl().ask(failing(kind)).err()).contains("exit code 6");
  }

  private static String[] failing(Kind kind) {
    return kind == Kind.WASM
        ? new String[] {"exec", "app", "--", "/hello.wasm", "--exit", "6"}
        : new String[] {"exec", "app", "--", "/bin/sh", "-c", "exit 6"};
  }

  /// `script` gives kubectl the terminal that it asks for.
  @Test
  void aNativeContainerHasATerminal() throws IOException, InterruptedException {
    own.kubectl().apply(Manifests.server("app", Kind.NATIVE.idle(), ""));
    own.kubectl().awaitReady("app");

    // the size comes a moment after the start
    String ask = "busybox tty; until busybox stty size | busybox grep '24 99'; do :; done";
    String line =
        "stty rows 24 cols 99; kubectl --namespace %s exec --stdin --tty app -- /bin/sh -c \"%s\""
            .formatted(own.name(), ask);
    Finished done = own.node().run("script", "-qec", line, "/dev/null");
    assertThat(done.out()).as(done.err()).contains("/dev/pts/0").contains("24 99");
  }

  @Test
  void aWasmContainerIsRefusedOneByASentence() throws IOException, InterruptedException {
    own.kubectl().apply(Manifests.server("app", Kind.WASM.idle(), "tty: true\nstdin: true"));
    String sentence = "a wasm container has no terminal (tty: true)";
    own.kubectl()
        .until(
            "the refusal", () -> own.kubectl().call("describe", "pod", "app").contains(sentence));

    own.kubectl().apply(Manifests.server("plain", Kind.WASM.idle(), ""));
    own.kubectl().awaitReady("plain");
    String exec = "kubectl --namespace %s exec -it plain -- /hello.wasm".formatted(own.name());
    Finished done = own.node().run("script", "-qec", exec, "/dev/null");
    assertThat(done.status()).isNotZero();
    assertThat(done.out()).contains("terminal");
  }

  /// A wasm guest runs no tar; a native container beside it has the same volume.
  @Test
  void filesAreCopiedInAndOut() throws IOException, InterruptedException {
    String mount = "volumeMounts: [{name: v, mountPath: /v}]";
    own.kubectl()
        .apply(
            Manifests.pod(
                "app",
                """
                volumes: [{name: v, emptyDir: {}}]
                containers:
                %s%s
                """
                    .formatted(
                        Manifests.container("wasm", Kind.WASM.idle(), mount),
                        Manifests.container("native", Kind.NATIVE.idle(), mount))));
    own.kubectl().awaitReady("app");
    Path sent = Files.writeString(own.directory().resolve("sent"), "there and back\n");
    Path back = own.directory().resolve("back");

    own.kubectl().call("cp", sent.toString(), "app:/v/file", "-c", "native");
    own.kubectl().call("exec", "app", "-c", "wasm", "--", "/files.wasm", "/v/file", "/v/more");
    own.kubectl().call("cp", "app:/v/more", back.toString(), "-c", "native");

    assertThat(back).hasContent("there and back");
    Finished wasm = own.kubectl().ask("cp", "app:/v/more", back + "2", "-c", "wasm");
    assertThat(wasm.status()).isNotZero();
    assertThat(wasm.err()).contains("tar");
  }

  @ParameterizedTest
  @EnumSource
  void aPortIsForwarded(Kind kind) throws IOException, InterruptedException {
    own.kubectl()
        .apply(
            Manifests.server(
                "app", kind.web(), "readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}"));
    own.kubectl().awaitReady("app");

    try (Command forward = own.kubectl().start("port-forward", "pod/app", ":8080")) {
      own.kubectl().until("the port", () -> forward.out().contains("->"));
      String port = forward.out().replaceAll("(?s).*127.0.0.1:(\\d+) ->.*", "$1");
      String url = "http://127.0.0.1:%s/".formatted(port);
      assertThat(own.node().run("busybox", "wget", "-qO-", url).out()).isEqualTo("hello, world\n");
    }
  }

  /// Both kinds, into a pod of both kinds.
  @ParameterizedTest
  @EnumSource
  void anEphemeralContainerJoinsThePod(Kind kind) throws IOException, InterruptedException {
    own.kubectl()
        .apply(
            Manifests.pod(
                "app",
                "containers:\n"
                    + Manifests.container("web", Kind.WASM.web(), "")
                    + Manifests.container("native", Kind.NATIVE.idle(), "")));
    own.kubectl().awaitReady("app");

    List<String> program =
        kind == Kind.WASM
            ? List.of("/fetch.wasm", "http://localhost:8080/")
            : List.of("/bin/busybox", "wget", "-qO-", "http://localhost:8080/");
    var words =
        new ArrayList<>(List.of("debug", "app", "--container=debug", "--image=localhost/guests:1"));
    words.addAll(List.of("--image-pull-policy=Never", "--profile=general", "--"));
    words.addAll(program);
    own.kubectl().call(words.toArray(String[]::new));

    String reason = ".status.ephemeralContainerStatuses[0].state.terminated.reason";
    own.kubectl().awaitField("pod/app", reason, "Completed");
    assertThat(own.kubectl().call("logs", "app", "-c", "debug")).endsWith("hello, world\n");
  }
}
