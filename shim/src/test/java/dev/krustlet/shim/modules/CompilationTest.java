package dev.krustlet.shim.modules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.os.Fd;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// How compilations meet, and how they end badly. The compiler is a script that counts its calls.
@Timeout(120)
final class CompilationTest {
  private static final String COMPILES = "cat; echo code; echo features= >&2";
  private static final String MODULE_HASH =
      "93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476";

  @TempDir private Path directory;
  private Path module;
  private Path calls;

  @BeforeEach
  void prepare() throws IOException {
    module = Files.write(directory.resolve("a.wasm"), new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
    calls = Files.createFile(directory.resolve("calls"));
  }

  /// @param body what the compiler does once it has counted its call
  private ModuleCache cache(String body) throws IOException {
    Path program = directory.resolve("engine");
    Files.writeString(program, "#!/bin/sh\necho x >> %s\n%s\n".formatted(calls, body));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return ModuleCache.open(
        directory.resolve("cache"), "hash", new EngineProgram(program, false, false), 1 << 30);
  }

  private Path compiled(ModuleCache cache) throws IOException, TaskException, InterruptedException {
    try (Fd file = Fd.openTrusted(module)) {
      return cache.compiled(file, "a.wasm").code();
    }
  }

  @Test
  void whoeverLeavesTakesNothingFromTheOthers()
      throws IOException, InterruptedException, ExecutionException {
    Path gate = gate();
    ModuleCache cache = cache("read -r _ < %s; %s".formatted(gate, COMPILES));
    var left = new FutureTask<>(() -> compiled(cache));
    Thread caller = Thread.ofVirtual().name("caller-that-leaves").start(left);
    awaitCall();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var stays = threads.submit(() -> compiled(cache));
      caller.interrupt();
      assertThatThrownBy(left::get).hasCauseInstanceOf(InterruptedException.class);
      Files.writeString(gate, "go\n");

      assertThat(stays.get()).exists();
    }
    assertThat(calls).hasContent("x");
    assertThat(drafts()).isEmpty();
  }

  @Test
  void whatACompilationComesToIsKeptAlsoIfEverybodyLeft()
      throws IOException, InterruptedException, TaskException {
    Path gate = gate();
    ModuleCache cache = cache("read -r _ < %s; %s".formatted(gate, COMPILES));
    var left = new FutureTask<>(() -> compiled(cache));
    Thread caller = Thread.ofVirtual().name("caller-that-leaves").start(left);
    awaitCall();
    caller.interrupt();
    caller.join();
    Files.writeString(gate, "go\n");

    assertThat(compiled(cache)).exists();
    assertThat(calls).hasContent("x");
  }

  @Test
  void aFailureIsTheSameSentenceForEverybodyWhoWaits() {
    var compilations = new Compilations();
    var gate = new CountDownLatch(1);
    var removed = new AtomicInteger();
    var first =
        compilations.begin(
            "hash",
            () -> {
              gate.await();
              throw new TaskException(Code.INVALID_ARGUMENT, "it is bad");
            },
            removed::incrementAndGet);
    var second =
        compilations.begin("hash", () -> new CodeSeal("", Set.of()), removed::incrementAndGet);
    assertThat(removed).hasValue(1);
    gate.countDown();

    Throwable one = catchThrowable(() -> Compilations.await(first, "a"));
    Throwable other = catchThrowable(() -> Compilations.await(second, "a"));

    assertThat(List.of(one, other))
        .doesNotHaveDuplicates()
        .allSatisfy(e -> assertThat(e).isInstanceOf(TaskException.class).hasMessage("it is bad"));
    assertThat(removed).hasValue(2);
  }

  private Path gate() throws IOException, InterruptedException {
    Path gate = directory.resolve("gate");
    assertThat(new ProcessBuilder("mkfifo", gate.toString()).start().waitFor()).isZero();
    return gate;
  }

  private void awaitCall() throws IOException {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (Files.size(calls) == 0) {
      assertThat(System.nanoTime()).as("until the compiler is called").isLessThan(deadline);
    }
  }

  /// What is half written in the cache.
  private List<Path> drafts() throws IOException {
    try (Stream<Path> all = Files.list(directory.resolve("cache/hash"))) {
      return all.filter(each -> each.toString().endsWith(".draft")).toList();
    }
  }

  @Test
  void processesThatShareACacheCompileTheSameBytesOnce()
      throws IOException, InterruptedException, ExecutionException, TaskException {
    Path gate = gate();
    String body = "read -r _ < %s; %s".formatted(gate, COMPILES);
    List<ModuleCache> caches = List.of(cache(body), cache(body), cache(body)); // as processes have
    List<Future<Path>> results = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (ModuleCache cache : caches) {
        results.add(threads.submit(() -> compiled(cache)));
      }
      Files.writeString(gate, "go\n"); // waits until a compiler has come this far
      for (var each : results) {
        assertThat(each.get()).isEqualTo(results.getFirst().get());
      }
    }

    assertThat(calls).hasContent("x");
  }

  @Test
  void whoeverHoldsTheLockIsWaitedForAndThenItIsLookedWhatTheyLeft()
      throws IOException, InterruptedException, ExecutionException, TaskException {
    Path cache = Files.createDirectories(directory.resolve("cache"));
    Path first = compiled(cache(COMPILES));
    Files.move(first, directory.resolve("kept"));
    Path lock = cache.resolve(".compile-%s.lock".formatted(MODULE_HASH.substring(0, 2)));
    assertThat(first.getFileName()).hasToString(MODULE_HASH + ".cwasm");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Path> waiting;
      try (var channel = FileChannel.open(lock, StandardOpenOption.WRITE);
          var _ = channel.lock()) {
        var other = cache(COMPILES);
        waiting = threads.submit(() -> compiled(other));
        Files.move(directory.resolve("kept"), first);
      }
      assertThat(waiting.get()).isEqualTo(first);
    }

    assertThat(calls).hasContent("x");
  }

  @Test
  void aLockThatIsNeverGivenBackIsNotWaitedForForEver() throws IOException, InterruptedException {
    Path cache = Files.createDirectories(directory.resolve("cache"));
    try (var held = CompileLock.take(cache, "ab", Duration.ZERO).orElseThrow()) {
      assertThat(held.channel().isOpen()).isTrue();
      assertThat(CompileLock.take(cache, "abc", Duration.ofMillis(1))).isEmpty();
    }
    try (var again = CompileLock.take(cache, "ab", Duration.ZERO).orElseThrow()) {
      assertThat(again.channel().isOpen()).isTrue();
    }
  }

  @Test
  void anotherProcessKeepsTheLockUntilItEnds() throws IOException, InterruptedException {
    Path cache = Files.createDirectories(directory.resolve("cache"));
    String holder =
        "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX);"
            + " print('held', flush=True); sys.stdin.read()";
    String file = cache.resolve(".compile-ab.lock").toString();
    Process other = new ProcessBuilder("python3", "-c", holder, file).start();
    try (var said = other.inputReader()) {
      assertThat(said.readLine()).isEqualTo("held");
      assertThat(CompileLock.take(cache, "ab", Duration.ZERO)).isEmpty();
      other.getOutputStream().close();
      assertThat(CompileLock.take(cache, "ab", Duration.ofMinutes(1))).isPresent();
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void theKernelTakesACompilerFirst() throws IOException, TaskException, InterruptedException {
    String untilSo = "until grep -qx 1000 /proc/self/oom_score_adj; do :; done; ";

    assertThat(compiled(cache(untilSo + COMPILES))).exists();
  }

  @Test
  void whyAModuleDoesNotCompileIsTold() throws IOException {
    var said = cache("echo 'the module cannot be compiled: no' >&2; exit 65");
    assertThatThrownBy(() -> compiled(said))
        .isInstanceOf(TaskException.class)
        .hasMessage("`a.wasm` does not compile: the module cannot be compiled: no");
    var size = cache("kill -XFSZ $$");
    assertThatThrownBy(() -> compiled(size))
        .hasMessage("`a.wasm` does not compile: its machine code is larger than 1073741824 bytes");
    var time = cache("kill -XCPU $$");
    assertThatThrownBy(() -> compiled(time))
        .hasMessage("`a.wasm` does not compile: it took too much CPU time");
    var crash = cache("exit 3");
    assertThatThrownBy(() -> compiled(crash)).hasMessageContaining("ended with status 3");
  }
}
