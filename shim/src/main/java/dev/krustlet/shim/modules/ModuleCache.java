package dev.krustlet.shim.modules;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.engine.WasmLayer;
import dev.krustlet.shim.os.Errno;
import dev.krustlet.shim.os.ErrnoException;
import dev.krustlet.shim.os.Fd;
import dev.krustlet.shim.os.FileIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Compiled modules, by the hash of their bytes and of the engine that compiled them. Only what
/// this installation compiled itself is ever here, and what is damaged counts as missing.
///
/// `DIRECTORY/ENGINE-HASH/SHA256.cwasm` is the code, `SHA256.sum` the hash of that file and what of
/// WebAssembly the module needs; the time of the latter is when it was last used.
public final class ModuleCache {
  private static final Logger LOG = LoggerFactory.getLogger(ModuleCache.class);
  private static final int MAX_MODULE = 256 << 20;
  private static final int MAX_REMEMBERED = 4096;

  /// A file that was changed so recently may be changed again within the same tick of its clock.
  private static final Duration SETTLED = Duration.ofSeconds(2);

  /// Longer than others take with most modules. Then we compile it as well: a process that holds
  /// the lock may have been stopped, and a start does not wait for that.
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Path directory;
  private final Drafts drafts;
  private final Compiler compiler;
  private final CacheBound bound;
  private final Map<FileIdentity, String> hashes = new ConcurrentHashMap<>();
  private final Map<FileIdentity, CodeSeal> verified = new ConcurrentHashMap<>();
  private final Compilations compilations = new Compilations();

  private ModuleCache(Path directory, Drafts drafts, Compiler compiler, CacheBound bound) {
    this.directory = directory;
    this.drafts = drafts;
    this.compiler = compiler;
    this.bound = bound;
  }

  /// Opens the part of the cache that belongs to one engine, and makes it if need be.
  public static ModuleCache open(Path cache, String engineHash, EngineProgram engine, long maxBytes)
      throws IOException {
    var ours = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Path directory = Files.createDirectories(cache.resolve(engineHash), ours);
    var drafts = Drafts.in(directory);
    drafts.sweep();
    return new ModuleCache(
        directory,
        drafts,
        new Compiler(engine),
        new CacheBound(new CacheContents(cache), engineHash, maxBytes));
  }

  /// The compiled form of a module, compiled now if it is not here. Callers with the same bytes
  /// share one compilation.
  ///
  /// @param name of the module, for messages
  public CompiledModule compiled(Fd module, String name)
      throws TaskException, IOException, InterruptedException {
    FileIdentity identity = FileIdentity.of(module);
    checkSize(identity.size(), name);
    String hash = hashes.get(identity);
    if (hash == null) {
      hash = Hashes.sha256(module.procPath());
      remember(identity, hash);
    }
    Optional<CompiledModule> found = found(hash, name);
    return found.isPresent() ? found.get() : compiledFromCopy(module, name);
  }

  /// Whether the code of a module is here. Another process may remove it at any moment.
  ///
  /// @param hash SHA-256 of the module, in hexadecimal
  public boolean has(String hash) throws IOException {
    return found(hash).isPresent();
  }

  /// The compiled form of a layer, which is fetched only if its code is not here: its digest is the
  /// name of the code.
  public CompiledModule compiled(WasmLayer layer)
      throws TaskException, IOException, InterruptedException {
    checkSize(layer.size(), layer.name());
    Optional<CompiledModule> found = found(layer.sha256(), layer.name());
    if (found.isPresent()) {
      return found.get();
    }
    Path copy = drafts.make();
    boolean handedOn = false;
    try {
      layer.copyTo(copy);
      if (!Hashes.sha256(copy).equals(layer.sha256())) {
        throw new TaskException(
            Code.FAILED_PRECONDITION,
            "`%s` is damaged: its bytes have another digest".formatted(layer.name()));
      }
      handedOn = true;
      return compiled(layer.sha256(), copy, layer.name());
    } finally {
      if (!handedOn) {
        Files.deleteIfExists(copy);
      }
    }
  }

  private static void checkSize(long bytes, String name) throws TaskException {
    if (bytes > MAX_MODULE) {
      throw new TaskException(
          Code.INVALID_ARGUMENT,
          "`%s` has %d bytes; modules may have %d".formatted(name, bytes, MAX_MODULE));
    }
  }

  /// Compiles a copy, for somebody may write to the file while we read it: the name of the code is
  /// the hash of exactly the bytes that were compiled. Modules are never held in the daemon's
  /// memory.
  private CompiledModule compiledFromCopy(Fd module, String name)
      throws TaskException, IOException, InterruptedException {
    Path copy = drafts.make();
    boolean handedOn = false;
    try {
      String hash = Hashes.copy(module.procPath(), copy, MAX_MODULE);
      Optional<CompiledModule> found = found(hash, name);
      if (found.isPresent()) {
        return found.get();
      }
      handedOn = true;
      return compiled(hash, copy, name);
    } finally {
      if (!handedOn) {
        Files.deleteIfExists(copy);
      }
    }
  }

  /// Compiles a module, whoever of those who wait for it leaves.
  ///
  /// @param copy of the module, which is the compilation's from now on
  private CompiledModule compiled(String hash, Path copy, String name)
      throws TaskException, IOException, InterruptedException {
    var compilation = compilations.begin(hash, () -> alone(hash, copy, name), () -> remove(copy));
    return of(hash, name, Compilations.await(compilation, name));
  }

  private static void remove(Path copy) {
    try {
      Files.deleteIfExists(copy);
    } catch (IOException e) {
      LOG.warn("cannot remove {}", copy, e);
    }
  }

  private void keepBound() {
    try {
      bound.enforce();
    } catch (IOException e) {
      LOG.warn("the cache may have become larger than it should", e);
    }
  }

  /// Other processes that share the cache may be at the same bytes.
  private CodeSeal alone(String hash, Path module, String name)
      throws TaskException, IOException, InterruptedException {
    var lock = CompileLock.take(bound.contents().cache(), hash, PATIENCE);
    try {
      Optional<CodeSeal> found = found(hash);
      return found.isPresent() ? found.get() : compile(hash, module, name);
    } finally {
      if (lock.isPresent()) {
        lock.get().close();
      }
    }
  }

  private CodeSeal compile(String hash, Path module, String name)
      throws TaskException, IOException, InterruptedException {
    Path draft = drafts.make();
    try {
      var needs = compiler.compile(module, draft, name);
      var seal = new CodeSeal(Hashes.sha256(draft), needs);
      Files.writeString(sum(hash), seal.text());
      Files.move(draft, code(hash), StandardCopyOption.ATOMIC_MOVE);
      keepBound();
      return seal;
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  /// The code if it is there and is what was written, marked as used; another process may remove it
  /// at any moment.
  private Optional<CodeSeal> found(String hash) throws IOException {
    try {
      if (Files.exists(code(hash)) && Files.exists(sum(hash))) {
        Optional<CodeSeal> seal = seal(hash);
        if (seal.isPresent()) {
          Files.setLastModifiedTime(sum(hash), FileTime.from(Instant.now()));
          return seal.filter(_ -> Files.exists(code(hash)));
        }
      }
    } catch (NoSuchFileException _) {
      // it has just gone
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
    return Optional.empty();
  }

  private Optional<CompiledModule> found(String hash, String name) throws IOException {
    return found(hash).map(seal -> of(hash, name, seal));
  }

  private CompiledModule of(String hash, String name, CodeSeal seal) {
    return new CompiledModule(name, code(hash), seal.needs());
  }

  /// What was written beside the code, if the code is what was written; looked at once for each
  /// state of the file.
  private Optional<CodeSeal> seal(String hash) throws IOException {
    FileIdentity identity = FileIdentity.of(code(hash));
    CodeSeal known = verified.get(identity);
    if (known != null) {
      return Optional.of(known);
    }
    String text = Files.readString(sum(hash), StandardCharsets.ISO_8859_1); // junk perhaps
    Optional<CodeSeal> seal = CodeSeal.parse(text);
    if (seal.isEmpty() || !Hashes.sha256(code(hash)).equals(seal.get().sum())) {
      return Optional.empty();
    }
    forgetIfMany(verified);
    verified.put(identity, seal.get());
    return seal;
  }

  private void remember(FileIdentity identity, String hash) {
    long settled = Instant.now().minus(SETTLED).toEpochMilli() * 1_000_000;
    if (identity.ctimeNanos() < settled) {
      forgetIfMany(hashes);
      hashes.put(identity, hash);
    }
  }

  private static void forgetIfMany(Map<?, ?> memory) {
    if (memory.size() >= MAX_REMEMBERED) {
      memory.clear();
    }
  }

  private Path code(String hash) {
    return directory.resolve(hash + CachedModule.CODE);
  }

  private Path sum(String hash) {
    return directory.resolve(hash + CachedModule.SUM);
  }
}
