package dev.krustlet.shim.modules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.WasmLayer;
import dev.krustlet.shim.os.Fd;
import dev.krustlet.shim.os.Processes;
import dev.krustlet.shim.os.RootDirectory;
import dev.krustlet.shim.policy.WasmFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("engine")
@Timeout(120)
class ModuleCacheTest {
  @TempDir private Path directory;
  private Path modules;
  private Path entries;
  private EngineProgram engine;

  @BeforeEach
  void prepare() throws IOException {
    engine = TestEngine.program(Processes.uid() == 0);
    modules = Files.createDirectories(directory.resolve("modules"));
    entries = directory.resolve("cache/hash");
    Files.copy(TestEngine.example("hello"), modules.resolve("hello.wasm"));
    Files.copy(TestEngine.example("counter"), modules.resolve("counter.wasm"));
  }

  private ModuleCache cache(long maxBytes) throws IOException {
    return ModuleCache.open(directory.resolve("cache"), "hash", engine, maxBytes);
  }

  private Path compiled(ModuleCache cache, String module)
      throws IOException, TaskException, InterruptedException {
    try (var root = RootDirectory.open(modules);
        Fd file = root.open(module)) {
      return cache.compiled(file, "/" + module).code();
    }
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(entries)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aModuleIsCompiledOnceAndTheFileIsOurs()
      throws IOException, TaskException, InterruptedException {
    Path first = compiled(cache(1 << 30), "hello.wasm");
    FileTime made = Files.getLastModifiedTime(first);

    Path second = compiled(cache(1 << 30), "hello.wasm");

    assertThat(second).isEqualTo(first);
    assertThat(Files.getLastModifiedTime(second)).isEqualTo(made);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(entries)))
        .isEqualTo("rwx------");
    assertThat(files()).hasSize(2);
  }

  @Test
  void damageCountsAsMissing() throws IOException, TaskException, InterruptedException {
    Path code = compiled(cache(1 << 30), "hello.wasm");
    byte[] good = Files.readAllBytes(code);
    byte[] bad = good.clone();
    bad[bad.length / 2] ^= 0x55;
    for (byte[] damage : List.of(bad, new byte[0], new byte[] {1, 2, 3})) {
      Files.write(code, damage);

      assertThat(compiled(cache(1 << 30), "hello.wasm")).isEqualTo(code).hasBinaryContent(good);
    }
  }

  @Test
  void junkInsteadOfASumCountsAsMissing() throws IOException, TaskException, InterruptedException {
    Path code = compiled(cache(1 << 30), "hello.wasm");
    byte[] good = Files.readAllBytes(code);
    Path sum = Path.of(code.toString().replace(".cwasm", ".sum"));
    for (byte[] damage : List.of(new byte[] {(byte) 0xff, 0, (byte) 0xc3}, new byte[0])) {
      Files.write(sum, damage);

      assertThat(compiled(cache(1 << 30), "hello.wasm")).isEqualTo(code).hasBinaryContent(good);
      assertThat(sum).content().hasSize(65).endsWith(" ");
    }
  }

  @Test
  void whatAModuleNeedsIsKnownAlsoWhenItWasCompiledBefore()
      throws IOException, TaskException, InterruptedException {
    Files.writeString(modules.resolve("tail.wat"), "(module (tag) (func return_call 0))");
    for (int round = 0; round < 2; round++) {
      try (var root = RootDirectory.open(modules);
          Fd file = root.open("tail.wat")) {
        CompiledModule module = cache(1 << 30).compiled(file, "/tail.wat");

        assertThat(module.needs())
            .containsExactlyInAnyOrder(WasmFeature.EXCEPTIONS, WasmFeature.TAIL_CALLS);
        assertThatThrownBy(() -> module.check(Set.of(WasmFeature.EXCEPTIONS, WasmFeature.SIMD)))
            .hasMessageContainingAll("`/tail.wat`", " tail-calls,", "exceptions,simd");
        module.check(module.needs());
      }
    }
  }

  @Test
  void aSumOfBeforeFeaturesWereKnownCountsAsMissing()
      throws IOException, TaskException, InterruptedException {
    Path code = compiled(cache(1 << 30), "hello.wasm");
    Path sum = Path.of(code.toString().replace(".cwasm", ".sum"));
    Files.writeString(sum, Files.readString(sum).strip());

    assertThat(compiled(cache(1 << 30), "hello.wasm")).isEqualTo(code);
    assertThat(sum).content().hasSize(65);
  }

  @Test
  void draftsOfTheDeadAreRemovedAndThoseOfTheLivingStay() throws IOException {
    ModuleCache _ = cache(1 << 30);
    int pid = Processes.pid();
    long started = Processes.startTime(pid).orElseThrow();
    String living = ".%d-%d-1.draft".formatted(pid, started);
    for (String each : List.of(living, ".%d-%d-1.draft".formatted(pid, started - 1))) {
      Files.writeString(entries.resolve(each), "half a module");
    }
    ModuleCache _ = cache(1 << 30);
    assertThat(files()).containsExactly(living);
  }

  @Test
  void changedBytesAreAnotherModule() throws IOException, TaskException, InterruptedException {
    ModuleCache cache = cache(1 << 30);
    Path hello = compiled(cache, "hello.wasm");
    Files.copy(
        modules.resolve("counter.wasm"),
        modules.resolve("hello.wasm"),
        StandardCopyOption.REPLACE_EXISTING);

    assertThat(compiled(cache, "hello.wasm")).isNotEqualTo(hello);
  }

  @Test
  void callersOfTheSameBytesShareOneResult()
      throws IOException, InterruptedException, ExecutionException {
    ModuleCache cache = cache(1 << 30);
    List<Callable<Path>> callers = Collections.nCopies(20, () -> compiled(cache, "hello.wasm"));
    List<Path> results = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var result : threads.invokeAll(callers)) {
        results.add(result.get());
      }
    }
    assertThat(results).hasSize(20).containsOnly(results.getFirst());
    assertThat(files()).hasSize(2);
  }

  @Test
  void theBoundDropsWhatWasUsedLongestAgo()
      throws IOException, TaskException, InterruptedException {
    ModuleCache cache = cache(1);
    Path hello = compiled(cache, "hello.wasm");
    Files.setLastModifiedTime(
        Path.of(hello.toString().replace(".cwasm", ".sum")), FileTime.fromMillis(1000));

    Path counter = compiled(cache, "counter.wasm");

    assertThat(hello).doesNotExist();
    assertThat(counter).exists();
    assertThat(files()).hasSize(2);
  }

  @Test
  void theBoundHoldsForAllEnginesAndTakesOldOnesFirst()
      throws IOException, TaskException, InterruptedException {
    Path hello = compiled(cache(1 << 30), "hello.wasm");
    Path old =
        Files.createDirectories(directory.resolve("cache/old")).resolve("a".repeat(64) + ".cwasm");
    Files.write(old, new byte[1 << 20]);
    Files.setLastModifiedTime(
        Path.of(hello.toString().replace(".cwasm", ".sum")), FileTime.fromMillis(1000));

    compiled(cache(1 << 20), "counter.wasm");

    assertThat(old).doesNotExist();
    assertThat(hello).exists();
  }

  @Test
  void whatAnotherProcessRemovesWhileItIsLookedAtIsCompiledAgain()
      throws IOException, TaskException, InterruptedException, ExecutionException {
    ModuleCache cache = cache(1 << 30);
    Path code = compiled(cache, "hello.wasm");
    Callable<Path> using =
        () -> {
          Path last = code;
          for (int i = 0; i < 20; i++) {
            last = compiled(cache, "hello.wasm");
          }
          return last;
        };
    try (var threads = Executors.newSingleThreadExecutor()) {
      var user = threads.submit(using);
      while (!user.isDone()) {
        Files.deleteIfExists(Path.of(code.toString().replace(".cwasm", ".sum")));
        Files.deleteIfExists(code);
      }

      assertThat(user.get()).isEqualTo(code);
    }
  }

  private record Layer(String sha256, Path file, AtomicInteger copies) implements WasmLayer {
    @Override
    public String name() {
      return "a layer";
    }

    @Override
    public long size() {
      return 1;
    }

    @Override
    public void copyTo(Path copy) throws IOException {
      copies.incrementAndGet();
      Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Test
  void aLayerIsFetchedOnceAndSharesItsCodeWithFiles()
      throws IOException, TaskException, InterruptedException {
    Path hello = modules.resolve("hello.wasm");
    var layer = new Layer(Hashes.sha256(hello), hello, new AtomicInteger());

    Path first = cache(1 << 30).compiled(layer).code();
    Path second = cache(1 << 30).compiled(layer).code();

    assertThat(second).isEqualTo(first).isEqualTo(compiled(cache(1 << 30), "hello.wasm"));
    assertThat(layer.copies()).hasValue(1);
    assertThat(files()).hasSize(2);
  }

  @Test
  void aLayerThatIsNotWhatItsDigestSaysIsRefused() throws IOException {
    var layer = new Layer("0".repeat(64), modules.resolve("hello.wasm"), new AtomicInteger());

    assertThatThrownBy(() -> cache(1 << 30).compiled(layer))
        .isInstanceOf(TaskException.class)
        .hasMessage("`a layer` is damaged: its bytes have another digest");
    assertThat(files()).isEmpty();
  }

  @Test
  void aBadModuleIsRefusedByNameAndLeavesNothing() throws IOException {
    Files.writeString(modules.resolve("bad.wasm"), "\0asm\1\0\0\0 and then nonsense");

    assertThatThrownBy(() -> compiled(cache(1 << 30), "bad.wasm"))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT))
        .hasMessageContaining("`/bad.wasm` does not compile");
    assertThat(files()).isEmpty();
  }
}
