package dev.krustlet.shim.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import dev.krustlet.proto.task.v2.DeleteResponse;
import dev.krustlet.proto.types.RuntimeInfo;
import dev.krustlet.shim.os.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The launcher as containerd calls it, with a stand-in for Java that does what a daemon does until
/// it listens.
@Timeout(60)
class LauncherTest {
  private record Result(int status, byte[] bytes) {
    String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  private static final String NAME = "containerd-shim-krustlet-v1";

  @TempDir private Path directory;
  private Path home;
  private Path launcher;
  private Path bundle;
  private String path = System.getenv("PATH");

  @BeforeEach
  void install() throws IOException {
    home = install("home", "1.2.3-abcdef01");
    launcher = home.resolve(NAME);
    bundle = Files.createDirectories(directory.resolve("bundles/c1"));
    Files.writeString(bundle.resolve("config.json"), "{}");
  }

  private Path install(String name, String version) throws IOException {
    Path place = directory.resolve(name);
    Files.createDirectories(place.resolve("lib"));
    for (String file : List.of(NAME, "features.json", "lib/find-java.sh")) {
      Files.copy(
          Path.of("src/main/dist", file), place.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
    }
    Files.writeString(place.resolve("version"), version + "\n");
    return place;
  }

  /// A daemon that announces itself as this process, which lives; every start of it leaves a line.
  private void daemonThatStarts() throws IOException {
    java(
        """
        while [ $# -gt 0 ]; do case $1 in --state) state=$2 ;; esac; shift; done
        echo started >>%s/starts
        echo "%d %d unix:///run/x/task.sock" >"$state/daemon"
        """
            .formatted(
                directory, Processes.pid(), Processes.startTime(Processes.pid()).orElseThrow()));
  }

  private void java(String script) throws IOException {
    Path java = directory.resolve("java");
    Files.writeString(java, "#!/bin/sh\n" + script);
    assertThat(java.toFile().setExecutable(true)).isTrue();
  }

  private Process launch(String... arguments) throws IOException {
    return launch(List.of(launcher.toString()), arguments);
  }

  private Process launch(List<String> program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(program);
    command.addAll(
        List.of(
            "-namespace",
            "k8s.io",
            "-address",
            "/run/c.sock",
            "-publish-binary",
            "/usr/bin/containerd",
            "-id",
            "c1"));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(bundle.toFile()).redirectErrorStream(true);
    builder.environment().put("KRUSTLET_STATE", directory.resolve("state").toString());
    builder.environment().put("KRUSTLET_JAVA", directory.resolve("java").toString());
    builder.environment().put("PATH", path);
    builder.environment().put("JAVA_TOOL_OPTIONS", "-Dnoise=1");
    return builder.start();
  }

  private static Result finish(Process process) throws IOException, InterruptedException {
    byte[] output = process.getInputStream().readAllBytes();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), output);
  }

  private Result run(String... arguments) throws IOException, InterruptedException {
    return finish(launch(arguments));
  }

  @Test
  void startAnswersTheAddressAndNothingElse() throws IOException, InterruptedException {
    daemonThatStarts();

    Result result = run("start");

    assertThat(result.text()).isEqualTo("unix:///run/x/task.sock");
    assertThat(result.status()).isZero();
    assertThat(bundle.resolve("address")).hasContent("unix:///run/x/task.sock");
  }

  /// What native containers inherit is the caller's; what the daemon writes is nobody else's. By
  /// the last property others find the daemon among processes.
  @Test
  void theDaemonIsToldWhatTheCallerHad() throws IOException, InterruptedException {
    daemonThatStarts();
    Path java = directory.resolve("java");
    String script = Files.readString(java);
    java(
        """
        { echo "umask $(umask), locale $LC_ALL, in $PWD"
        for word; do case $word in -Dkrustlet.home=*) ;; -Dkrustlet.*) echo "$word" ;; esac; done
        } >%s/told
        %s\
        """
            .formatted(directory, script));
    String caller = "umask 027; ulimit -S -n 321; \"$@\"; exit";
    var program = List.of("/bin/sh", "-c", caller, "sh", launcher.toString());

    assertThat(finish(launch(program, "start")).status()).isZero();

    assertThat(directory.resolve("told"))
        .content()
        .isEqualTo(
            """
            umask 0077, locale C.UTF-8, in /
            -Dkrustlet.umask=0027
            -Dkrustlet.open-files=321
            -Dkrustlet.process=daemon
            """);
  }

  @Test
  void theBundleHasThePathOfItsOwnCall() throws IOException, InterruptedException {
    daemonThatStarts();
    run("start");
    path = "/opt/v2/bin:" + path;
    run("start");
    assertThat(Files.readAllLines(bundle.resolve("daemon"))).element(1).isEqualTo(path);
  }

  @Test
  void whatIsWrittenIntoTheBundleIsForTheOwnerAlone() throws IOException, InterruptedException {
    daemonThatStarts();
    run("start");
    for (String file : List.of("address", "daemon")) {
      assertThat(Files.getPosixFilePermissions(bundle.resolve(file)))
          .as(file)
          .containsExactlyInAnyOrder(
              PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    }
  }

  @Test
  void aLivingDaemonIsFoundWithoutJava() throws IOException, InterruptedException {
    daemonThatStarts();
    run("start");

    Result second = run("-debug", "start");

    assertThat(second.text()).isEqualTo("unix:///run/x/task.sock");
    assertThat(directory.resolve("starts")).hasContent("started");
  }

  @Test
  void byALinkALivingDaemonIsFoundWithoutAnyOtherProgram()
      throws IOException, InterruptedException {
    daemonThatStarts();
    launcher = Files.createSymbolicLink(directory.resolve("link"), home.resolve(NAME));
    run("start");
    path = directory.resolve("empty").toString();

    assertThat(run("start").text()).isEqualTo("unix:///run/x/task.sock");
    assertThat(directory.resolve("starts")).hasContent("started");
  }

  @Test
  void aLinkThatWasTurnedToAnotherInstallationLeadsThere()
      throws IOException, InterruptedException {
    daemonThatStarts();
    launcher = Files.createSymbolicLink(directory.resolve("link"), home.resolve(NAME));
    run("start");

    Files.delete(launcher);
    Files.createSymbolicLink(launcher, install("upgrade", "2.0.0-abcdef02").resolve(NAME));

    assertThat(run("-v").text()).isEqualTo(NAME + " 2.0.0-abcdef02\n");
    run("start");
    assertThat(directory.resolve("starts")).hasContent("started\nstarted\n");
  }

  @Test
  void tenStartsAtOnceMakeOneDaemon() throws IOException, InterruptedException {
    daemonThatStarts();
    List<Process> launchers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      launchers.add(launch("start"));
    }

    for (Process launcher : launchers) {
      assertThat(finish(launcher).text()).isEqualTo("unix:///run/x/task.sock");
    }
    assertThat(directory.resolve("starts")).hasContent("started");
  }

  @Test
  void aPidThatIsSomebodyElsesByNowIsNoDaemon() throws IOException, InterruptedException {
    daemonThatStarts();
    run("start");
    Path record = directory.resolve("state/1.2.3-abcdef01/k8s.io/run/c.sock/daemon");
    Files.writeString(record, "%d 1 unix:///stale\n".formatted(Processes.pid()));

    assertThat(run("start").text()).isEqualTo("unix:///run/x/task.sock");
    assertThat(Files.readAllLines(directory.resolve("starts"))).hasSize(2);
  }

  @Test
  void aDaemonThatDiesSaysWhy() throws IOException, InterruptedException {
    java("echo 'krustlet: cannot use /etc/krustlet/config.toml: unknown key' >&2; exit 1\n");

    Result result = run("start");

    assertThat(result.status()).isEqualTo(1);
    assertThat(result.text()).contains("did not start", "unknown key");
  }

  @Test
  void withoutJavaOneSentenceSaysSo() throws IOException, InterruptedException {
    Result result = run("start"); // KRUSTLET_JAVA names a file that nobody made

    assertThat(result.status()).isEqualTo(1);
    assertThat(result.text())
        .startsWith("krustlet: KRUSTLET_JAVA is ")
        .containsOnlyOnce("\n")
        .endsWith("\n");
  }

  @Test
  void anInstallationOfOurOwnVersionIsAskedFor() throws IOException, InterruptedException {
    daemonThatStarts();
    run("start");
    Files.writeString(home.resolve("version"), "1.2.4-00000000\n");
    run("start");

    assertThat(Files.readAllLines(directory.resolve("starts"))).hasSize(2);
  }

  @Test
  void deleteGivesTheAnswerTheDaemonLeft() throws IOException, InterruptedException {
    var at = Instant.ofEpochSecond(1_800_000_000L, 5);
    DeleteAnswers.leave(bundle, 77, 42, at);

    Result result = run("delete");

    assertThat(DeleteResponse.parseFrom(result.bytes()))
        .isEqualTo(DeleteAnswers.response(77, 42, at));
  }

  /// On a full disk it could leave no answer.
  @Test
  void deleteLeavesTheSocketOfALivingDaemonThatCannotHelp()
      throws IOException, InterruptedException {
    Path socket = directory.resolve("state/run/1-1/task.sock");
    Files.createDirectories(socket.getParent());
    Files.writeString(socket, "");
    int pid = Processes.pid();
    long started = Processes.startTime(pid).orElseThrow();
    Files.writeString(
        bundle.resolve("daemon"), "%d %d unix://%s\n".formatted(pid, started, socket));
    java("exit 1");

    Result result = run("-bundle", bundle.toString(), "delete");

    assertThat(DeleteResponse.parseFrom(result.bytes()).getExitStatus()).isEqualTo(137);
    assertThat(socket).exists();
  }

  @Test
  void startSaysThatTheBundleCannotBeWrittenTo() throws IOException, InterruptedException {
    daemonThatStarts();
    Files.createDirectory(bundle.resolve("address"));

    Result result = run("start");

    assertThat(result.status()).isEqualTo(1);
    assertThat(result.text())
        .isEqualTo(
            "krustlet: the bundle %s cannot be written to: is its disk full?\n".formatted(bundle));
  }

  @Test
  void deleteAfterACrashEndsTheCreationThatIsUnderWay() throws IOException, InterruptedException {
    Path runc = directory.resolve("runc");
    Files.writeString(runc, "#!/bin/sh\n");
    assertThat(runc.toFile().setExecutable(true)).isTrue();
    Files.writeString(bundle.resolve("runc"), runc + "\n/run/runc/k8s.io\n\n/krustlet-none\n");
    // waits for input, and has the words of a runc that creates
    var words = new ArrayList<>(List.of("sh", "-c", "read -r _; :", runc.toString()));
    words.addAll(List.of("--root", "/run/runc/k8s.io", "create"));
    words.addAll(List.of("--bundle", bundle.toString(), "--pid-file", "init.pid", "c1"));
    Process create = new ProcessBuilder(words).start();

    Result result = run("-bundle", bundle.toString(), "delete");

    assertThat(result.status()).isZero();
    assertThat(create.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(create.exitValue()).isEqualTo(137);
  }

  @Test
  void deleteAfterACrashRunsThePoststopHooksThatTheDaemonWroteDown()
      throws IOException, InterruptedException {
    Path seen = directory.resolve("seen");
    Files.writeString(
        bundle.resolve("poststop"), "echo ran; echo ran >&2; echo ran >>%s".formatted(seen));

    Result result = run("-bundle", bundle.toString(), "delete");

    assertThat(DeleteResponse.parseFrom(result.bytes()).getExitStatus()).isEqualTo(137);
    assertThat(seen).hasContent("ran");
  }

  @Test
  void deleteAfterACrashTellsTheExitThatWasBefore() throws IOException, InterruptedException {
    Instant at = Instant.ofEpochSecond(1_700_000_000, 5);
    DeleteAnswers.leaveExit(bundle, 77, 42, at);
    Result result = run("-bundle", bundle.toString(), "delete");
    assertThat(result.status()).isZero();
    assertThat(DeleteResponse.parseFrom(result.bytes()))
        .isEqualTo(DeleteAnswers.response(77, 42, at));
  }

  @Test
  void deleteAfterACrashCleansAndAnswersKilled() throws IOException, InterruptedException {
    Path dead = Files.createDirectories(directory.resolve("state/run/1-1"));
    Files.writeString(dead.resolve("task.sock"), "");
    Files.writeString(bundle.resolve("daemon"), "1 1 unix://" + dead + "/task.sock\n");
    Files.writeString(bundle.resolve("init.pid"), "300");
    Path runc = directory.resolve("runc");
    Files.writeString(runc, "#!/bin/sh\necho \"$@\" >" + directory + "/called\n");
    assertThat(runc.toFile().setExecutable(true)).isTrue();
    Files.writeString(bundle.resolve("runc"), runc + "\n/run/runc/k8s.io\nsystemd-cgroup\n\n");
    long before = Instant.now().getEpochSecond();

    var response = DeleteResponse.parseFrom(run("-bundle", bundle.toString(), "delete").bytes());

    assertThat(response.getPid()).isEqualTo(300);
    assertThat(response.getExitStatus()).isEqualTo(137);
    assertThat(response.getExitedAt().getSeconds()).isBetween(before, before + 30);
    assertThat(directory.resolve("called"))
        .hasContent("--root /run/runc/k8s.io --systemd-cgroup delete --force c1");
    assertThat(dead).doesNotExist();
  }

  @Test
  void infoAndVersionNeedNoJava() throws IOException, InterruptedException {
    var info = RuntimeInfo.parseFrom(run("-info").bytes());

    assertThat(info.getName()).isEqualTo("io.containerd.krustlet.v1");
    assertThat(info.getVersion().getVersion()).isEqualTo("1.2.3-abcdef01");
    assertThat(run("-v").text()).isEqualTo("containerd-shim-krustlet-v1 1.2.3-abcdef01\n");
  }

  @Test
  void infoHasTheFeaturesOfBothKindsWhereRuncHasThem() throws IOException, InterruptedException {
    runc("echo '{\"mountOptions\": [\"ro\", \"rro\"]}'");

    var features = RuntimeInfo.parseFrom(run("-info").bytes()).getFeatures();

    assertThat(features.getTypeUrl())
        .isEqualTo("types.containerd.io/opencontainers/runtime-spec/1/features/Features");
    var told = JsonParser.parseString(features.getValue().toStringUtf8()).getAsJsonObject();
    assertThat(told.getAsJsonArray("hooks"))
        .extracting(JsonElement::getAsString)
        .containsExactly("prestart", "createRuntime", "poststart", "poststop");
    assertThat(told.getAsJsonArray("mountOptions"))
        .extracting(JsonElement::getAsString)
        .contains("rro", "ro", "rbind")
        .doesNotContain("rnosuid", "idmap", "ridmap");
    assertThat(told.getAsJsonObject("linux").getAsJsonArray("namespaces"))
        .extracting(JsonElement::getAsString)
        .containsExactly("network");
  }

  @Test
  void infoOfANodeWhoseRuncHasNotAllOfThemHasNone() throws IOException, InterruptedException {
    runc("echo 'No help topic for features' >&2; exit 3");

    var info = RuntimeInfo.parseFrom(run("-info").bytes());

    assertThat(info.getVersion().getVersion()).isEqualTo("1.2.3-abcdef01");
    assertThat(info.hasFeatures()).isFalse();
  }

  /// A runc that is found before the node's.
  private void runc(String script) throws IOException {
    Path programs = Files.createDirectories(directory.resolve("programs"));
    Path runc = programs.resolve("runc");
    Files.writeString(runc, "#!/bin/sh\n" + script + "\n");
    assertThat(runc.toFile().setExecutable(true)).isTrue();
    path = programs + ":" + path;
  }

  @Test
  void coreSchedulingIsRefusedByName() throws IOException, InterruptedException {
    daemonThatStarts();
    Result refused =
        finish(launch(List.of("/usr/bin/env", "SCHED_CORE=1", launcher.toString()), "start"));
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.text()).startsWith("krustlet: containerd has SCHED_CORE in its environment");
  }

  @Test
  void namesThatWouldLeaveTheStateDirectoryAreRefused() throws IOException, InterruptedException {
    assertThat(run("-namespace", "../x", "start").text())
        .contains("'../x' is no containerd namespace");
    assertThat(run("-id", "a/b", "start").text()).contains("'a/b' is no container id");
    assertThat(run("-address", "/a/../b", "start").text()).contains("no plain path");
    assertThat(run("-frobnicate", "start").text()).contains("-frobnicate");
  }
}
