package dev.krustlet.shim.engine.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.SpecException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Hooks of wasm containers and what they find: with the real engine and real programs.
@Tag("engine")
@Timeout(120)
class WasmHooksTest {
  private static final String NEW_NETWORK = "{\"namespaces\":[{\"type\":\"network\"}]}";

  @TempDir private Path directory;
  private WasmBed bed;
  private Path seen;

  @BeforeEach
  void prepare() throws IOException {
    bed = new WasmBed(directory);
    seen = directory.resolve("seen");
  }

  @AfterEach
  void stop() throws IOException {
    if (bed != null) {
      bed.close();
    }
  }

  /// A hook that runs a script.
  private static String hook(String script, String more) {
    return "{\"path\":\"/bin/sh\",\"args\":[\"sh\",\"-c\",\"%s\"]%s}".formatted(script, more);
  }

  private String telling(String point) {
    return hook("echo %s $(cat) >>%s".formatted(point, seen), "");
  }

  private Container create(String hooks)
      throws IOException, SpecException, TaskException, InterruptedException {
    return bed.create("c", "_start", NEW_NETWORK, hooks);
  }

  @Test
  void theyRunInTheirOrderAndReadTheState()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container =
        create(
            "{\"prestart\":[%s,%s],\"createRuntime\":[%s],\"poststart\":[%s],\"poststop\":[%s]}"
                .formatted(
                    telling("one"),
                    telling("two"),
                    telling("three"),
                    telling("four"),
                    telling("five")));
    assertThat(points()).containsExactly("one creating", "two creating", "three creating");
    container.start();
    container.kill(9, false);
    assertThat(WasmBed.status(container.exited())).isEqualTo(137);
    int pid = container.pid();
    container.delete();
    container.delete();

    assertThat(points())
        .containsExactly(
            "one creating", "two creating", "three creating", "four running", "five stopped");
    String state = Files.readAllLines(seen).getFirst().substring("one ".length());
    assertThat(JsonParser.parseString(state))
        .isEqualTo(
            JsonParser.parseString(
                "{\"ociVersion\":\"1.0.2\",\"id\":\"c\",\"status\":\"creating\",\"pid\":%d,\"bundle\":\"%s\"}"
                    .formatted(pid, directory.resolve("c"))));
    assertThat(Files.readAllLines(seen).getLast()).doesNotContain("pid");
  }

  private Iterable<String> points() throws IOException {
    return Files.readAllLines(seen).stream()
        .map(line -> line.split(" ", 2))
        .map(words ->
            words[0]
                + " "
                + JsonParser.parseString(words[1]).getAsJsonObject().get("status").getAsString())
        .toList();
  }

  @Test
  void aHookHasItsOwnNameEnvironmentAndTheBundle()
      throws IOException, SpecException, TaskException, InterruptedException {
    var container =
        create(
            """
            {"createRuntime":[
              {"path":"/bin/sh","args":["sh","-c","echo $0 $1 $(env | sort) $(pwd) $(umask) >%1$s","name","--x"],
               "env":["A=b c"]},
              {"path":"/bin/sh","args":["sh","-c","echo ${PATH:+path} >>%1$s"]}]}
            """
                .formatted(seen)
                .replace("\n", ""));
    container.delete();
    Path bundle = directory.resolve("c");
    assertThat(seen)
        .content()
        .isEqualTo("name --x A=b c PWD=%1$s %1$s 0022\npath\n".formatted(bundle));
  }

  @Test
  void oneThatFailsBeforeTheStartTakesTheContainerWithIt() throws IOException {
    String failing = hook("echo no address left >&2; exit 3", "");
    assertThatThrownBy(() ->
            create(
                "{\"createRuntime\":[%s,%s],\"poststop\":[%s]}"
                    .formatted(failing, telling("never"), telling("after"))))
        .isInstanceOf(TaskException.class)
        .hasMessage("container c: createRuntime hook `/bin/sh` failed: status 3: no address left");
    assertThat(points()).containsExactly("after stopped");
    assertNothingIsLeft();
  }

  @Test
  void oneThatTakesLongerThanItsTimeoutIsEnded() throws IOException {
    assertThatThrownBy(
            () -> create("{\"prestart\":[%s]}".formatted(hook("sleep 1000", ",\"timeout\":1"))))
        .hasMessageContaining("prestart hook `/bin/sh` failed: it ran past its time-out of 1 s");
    assertNothingIsLeft();
  }

  @Test
  void oneThatIsNoProgramIsTheReason() throws IOException {
    assertThatThrownBy(() -> create("{\"prestart\":[{\"path\":\"/no/such\"}]}"))
        .hasMessageContaining("prestart hook `/no/such` failed")
        .hasMessageContaining("run /no/such: No such file or directory");
    assertNothingIsLeft();
  }

  @Test
  void oneThatWritesWithoutEndIsRead()
      throws IOException, SpecException, TaskException, InterruptedException {
    create("{\"prestart\":[%s]}".formatted(hook("head -c 1000000 /dev/zero", ""))).delete();
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() throws IOException {
    assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo")))
        .noneMatch(line -> line.contains(directory.toString()));
    assertThat(directory.resolve("c/poststop")).doesNotExist();
  }

  @Test
  void oneThatFailsAfterTheStartEndsTheGuest()
      throws IOException,
          SpecException,
          TaskException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    var container = create("{\"poststart\":[%s]}".formatted(hook("exit 4", "")));
    assertThatThrownBy(container::start)
        .hasMessage("container c: poststart hook `/bin/sh` failed: status 4");
    assertThat(WasmBed.status(container.exited())).isEqualTo(137);
    container.delete();
  }

  @Test
  void oneThatFailsAfterTheEndIsNoReasonToKeepTheContainer()
      throws IOException, SpecException, TaskException, InterruptedException {
    var container = create("{\"poststop\":[%s,%s]}".formatted(hook("exit 5", ""), telling("next")));
    container.delete();
    assertThat(points()).containsExactly("next stopped");
    assertNothingIsLeft();
  }

  @Test
  void theLauncherCanRunThoseThatComeAfterTheEnd()
      throws IOException, SpecException, TaskException, InterruptedException {
    String naming =
        hook("echo '$0' \\\"it's\\\" $A $(cat) >>%s".formatted(seen), ",\"env\":[\"A=b'c\"]");
    var container = create("{\"poststop\":[%s]}".formatted(naming));
    Path script = directory.resolve("c/poststop");
    Process launched = new ProcessBuilder("sh", script.toString()).inheritIO().start();
    assertThat(launched.waitFor(30, TimeUnit.SECONDS)).isTrue();
    container.delete();

    assertThat(Files.readAllLines(seen))
        .hasSize(2)
        .containsOnly(Files.readAllLines(seen).getFirst());
    assertThat(seen).content().contains("$0 it's b'c").contains("\"status\":\"stopped\"");
    assertThat(script).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"createContainer", "startContainer"})
  void oneOfTheContainersOwnNamespacesIsRefusedByItsName(String point) throws IOException {
    assertThatThrownBy(() -> create("{\"%s\":[{\"path\":\"/bin/hook\"}]}".formatted(point)))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(Code.UNIMPLEMENTED))
        .hasMessageContaining(point + " hooks run in the container's own mount namespace")
        .hasMessageContaining("`/bin/hook`");
    assertNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"path\":\"hook\"}", "{\"path\":\"/bin/hook\",\"timeout\":0}"})
  void oneThatCanNeverRunIsRefused(String hook) {
    assertThatThrownBy(() -> create("{\"poststop\":[%s]}".formatted(hook)))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT))
        .hasMessageContaining("hook`");
  }

  @Test
  void aNetworkOfItsOwnIsFoundByThePidAndHasItsLoopbackUp()
      throws IOException, SpecException, TaskException, InterruptedException {
    var container = create("{}");
    String network = "/proc/%d/ns/net".formatted(container.pid());
    assertThat(Files.readSymbolicLink(Path.of(network)))
        .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/net")));
    Process links =
        new ProcessBuilder("nsenter", "--net=" + network, "ip", "-o", "link")
            .redirectErrorStream(true)
            .start();
    String said = new String(links.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said).hasLineCount(1).contains("lo: <LOOPBACK,UP,");
    container.delete();
    assertThat(Path.of(network)).doesNotExist();
  }

  @Test
  void withoutOneItStaysInThatOfTheNode()
      throws IOException, SpecException, TaskException, InterruptedException {
    var container = bed.create("c", "_start", "{}", Stdio.NONE);
    assertThat(Files.readSymbolicLink(Path.of("/proc/%d/ns/net".formatted(container.pid()))))
        .isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/net")));
    container.delete();
  }
}
