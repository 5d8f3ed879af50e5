package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The same native process under runc's shim and under ours, which is to see the same of its world.
@ParameterizedClass
@MethodSource("dev.krustlet.testbed.Installation#ofBuild")
final class NativeIsNativeIT {
  private static final String RUNC = "io.containerd.runc.v2";

  /// What may differ, and why.
  private static final Map<String, String> EXPECTED =
      Map.of(
          "descriptor 0", "without a terminal the process has containerd's fifos themselves",
          "descriptor 1", "without a terminal the process has containerd's fifos themselves",
          "descriptor 2", "without a terminal the process has containerd's fifos themselves");

  private static final String PROBE_DIRECTORY = "/var/run/secrets/probe";

  /// What an id is for the kernel or for containerd is different in each container.
  private static final Pattern IDS =
      Pattern.compile("(?<=snapshots/|pipe:\\[|pts/|autogroup-|/f/)\\d+");

  /// The two signals that libc keeps for itself. The JVM that runs this test has its children, of
  /// which containerd is one, ignore them.
  private static final long LIBCS_SIGNALS = 3L << 31;

  @SuppressWarnings("NullAway.Init") // before each invocation of the class
  private static TestNode node;

  NativeIsNativeIT(Installation installation) {
    assertThat(node.containerd().installation()).isEqualTo(installation);
  }

  @BeforeParameterizedClassInvocation
  static void start(Installation installation) throws IOException, InterruptedException {
    node = TestNode.start(installation, Map.of("KRUSTLET_TEST", "1"));
    Path directory = Files.createDirectory(probes());
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (var script = NativeIsNativeIT.class.getResourceAsStream("probe.sh")) {
      Files.write(directory.resolve("probe.sh"), Objects.requireNonNull(script).readAllBytes());
    }
  }

  @AfterEach
  void noContainerIsLeft() throws IOException, InterruptedException {
    node.assertNoContainerIsLeft();
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    node.close();
  }

  private static Path probes() {
    return node.bed().path().resolve("probe");
  }

  private static List<String> runWords(String runtime, List<String> flags, String... command) {
    List<String> words = new ArrayList<>(List.of("run", "--runtime", runtime));
    String mount = "type=bind,src=%s,dst=%s,options=rbind:ro".formatted(probes(), PROBE_DIRECTORY);
    words.addAll(List.of("--fifo-dir", node.bed().fifos().toString(), "--mount", mount));
    words.addAll(List.of("--cwd", "/made/for/it", "--memory-limit", "67108864"));
    words.addAll(flags);
    words.addAll(List.of(Guests.IMAGE, "probe"));
    words.addAll(List.of(command));
    return words;
  }

  private static SortedMap<String, String> ofInit(String runtime, List<String> flags)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(flags);
    all.add("--rm");
    return seen(runWords(runtime, all, "/bin/sh", PROBE_DIRECTORY + "/probe.sh"));
  }

  private static SortedMap<String, String> ofExec(String runtime, List<String> flags)
      throws IOException, InterruptedException {
    var words =
        runWords(
            runtime, List.of("--detach"), "/bin/sh", "-c", "while :; do busybox sleep 9; done");
    node.succeed(words.toArray(String[]::new));
    List<String> exec = new ArrayList<>(List.of("tasks", "exec", "--exec-id", "e"));
    exec.addAll(List.of("--fifo-dir", node.bed().fifos().toString()));
    exec.addAll(flags);
    exec.addAll(List.of("probe", "/bin/sh", PROBE_DIRECTORY + "/probe.sh"));
    try {
      return seen(exec);
    } finally {
      node.delete("probe");
    }
  }

  private static SortedMap<String, String> seen(List<String> words)
      throws IOException, InterruptedException {
    String[] line = words.toArray(String[]::new);
    Finished done =
        words.contains("--tty")
            ? node.containerd().ctrAtTerminal(line)
            : node.containerd().ctr(line);
    assertThat(done.status()).as(done.out() + done.err()).isEqualTo(7);
    var values = new TreeMap<String, String>();
    // a terminal that has nothing to read echoes its end
    for (String each : done.out().replace("^@", "").lines().toList()) {
      if (each.isBlank()) {
        continue;
      }
      int equals = each.indexOf('=');
      assertThat(equals).as("a line of the probe: %s", each).isPositive();
      String key = each.substring(0, equals);
      String value = comparable(key, each.substring(equals + 1).strip());
      values.merge(key, value, (one, other) -> one + " | " + other);
    }
    assertThat(values).hasSizeGreaterThan(60);
    return values;
  }

  private static String comparable(String key, String value) throws IOException {
    if (key.startsWith("namespace ")) {
      Path nodes = Path.of("/proc/self/ns", key.substring("namespace ".length()));
      return Files.readSymbolicLink(nodes).toString().equals(value) ? "the node's" : "another";
    }
    if (key.equals("SigIgn")) {
      return Long.toHexString(Long.parseUnsignedLong(value, 16) & ~LIBCS_SIGNALS);
    }
    return IDS.matcher(value).replaceAll("N");
  }

  private static void assertSame(SortedMap<String, String> ours, SortedMap<String, String> theirs) {
    var differences = new TreeMap<String, String>();
    var keys = new TreeSet<>(ours.keySet());
    keys.addAll(theirs.keySet());
    keys.removeAll(EXPECTED.keySet());
    for (String key : keys) {
      String one = ours.getOrDefault(key, "nothing");
      String other = theirs.getOrDefault(key, "nothing");
      if (!one.equals(other)) {
        differences.put(key, "%s, and under runc's shim %s".formatted(one, other));
      }
    }
    assertThat(differences).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--tty",
        "--seccomp --cpus 0.5",
        "--privileged",
        "--net-host --allow-new-privs"
      })
  void aFirstProcessSeesTheSame(String flags) throws IOException, InterruptedException {
    List<String> words = flags.isEmpty() ? List.of() : List.of(flags.split(" "));
    assertSame(ofInit(PrivateContainerd.RUNTIME, words), ofInit(RUNC, words));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--tty", "--user 1337:1337"})
  void anExecSeesTheSame(String flags) throws IOException, InterruptedException {
    List<String> words = flags.isEmpty() ? List.of() : List.of(flags.split(" "));
    assertSame(ofExec(PrivateContainerd.RUNTIME, words), ofExec(RUNC, words));
  }

  @ParameterizedTest
  @ValueSource(strings = {"exit 3", "kill -KILL $$", "trap 'exit 3' INT; kill -INT $$; exit 4"})
  void anEndIsToldAlike(String script) throws IOException, InterruptedException {
    assertThat(status(PrivateContainerd.RUNTIME, script)).isEqualTo(status(RUNC, script));
  }

  private static int status(String runtime, String script)
      throws IOException, InterruptedException {
    var words = runWords(runtime, List.of("--rm"), "/bin/sh", "-c", script);
    return node.containerd().ctr(words.toArray(String[]::new)).status();
  }

  @Test
  void aLogFileAndItsDirectoriesHaveTheSameModes() throws IOException, InterruptedException {
    assertThat(logModes(PrivateContainerd.RUNTIME, "ours")).isEqualTo(logModes(RUNC, "theirs"));
  }

  private static List<String> logModes(String runtime, String name)
      throws IOException, InterruptedException {
    Path outer = node.bed().path().resolve(name);
    Path inner = outer.resolve("a");
    Path log = inner.resolve("log");
    var flags = List.of("--detach", "--log-uri", "file://" + log);
    node.succeed(runWords(runtime, flags, "/bin/sh", "-c", "echo text").toArray(String[]::new));
    node.awaitStopped("probe");
    node.delete("probe");
    assertThat(log).hasContent("text");
    var modes = new ArrayList<String>();
    for (Path each : List.of(log, inner, outer)) {
      modes.add(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)));
    }
    return modes;
  }

  /// Nothing says what the encoding of names is: containerd has no locale.
  @Test
  void namesMayHaveAnyLettersForBothKinds() throws IOException, InterruptedException {
    Path volume = Files.createDirectories(node.bed().path().resolve("größe-文件"));
    Files.writeString(volume.resolve("ä"), "ü\n");
    String script = "pwd; cat /ziel-ö/ä";
    assertThat(named(volume, "/bin/sh", "-c", script)).isEqualTo("/arbeit-é\nü\n");
    named(volume, "/files.wasm", "/ziel-ö/ä", "/ziel-ö/copy-ß");
    assertThat(volume.resolve("copy-ß")).hasContent("ü");
    assertThat(named(volume, "/grüße.wasm")).contains("arg 0: /grüße.wasm");
  }

  private static String named(Path volume, String... command)
      throws IOException, InterruptedException {
    String mount = "type=bind,src=%s,dst=/ziel-ö,options=rbind:rw".formatted(volume);
    List<String> words = new ArrayList<>(List.of("run", "--rm", "--mount", mount));
    words.addAll(List.of("--runtime", PrivateContainerd.RUNTIME));
    if (command[0].equals("/bin/sh")) {
      words.addAll(List.of("--cwd", "/arbeit-é")); // which is made
    }
    words.addAll(List.of("--fifo-dir", node.bed().fifos().toString(), Guests.IMAGE, "named"));
    words.addAll(List.of(command));
    Finished done = node.containerd().ctr(words.toArray(String[]::new));
    assertThat(done.status()).as(done.err()).isZero();
    return done.out();
  }
}
