package dev.krustlet.command.portable;

import io.github.kawamuray.wasmtime.Engine;
import io.github.kawamuray.wasmtime.Extern;
import io.github.kawamuray.wasmtime.Func;
import io.github.kawamuray.wasmtime.Linker;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.Store;
import io.github.kawamuray.wasmtime.WasmFunctionError;
import io.github.kawamuray.wasmtime.WasmtimeException;
import io.github.kawamuray.wasmtime.wasi.DirCaps;
import io.github.kawamuray.wasmtime.wasi.FileCaps;
import io.github.kawamuray.wasmtime.wasi.WasiCtx;
import io.github.kawamuray.wasmtime.wasi.WasiCtxBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One guest on the streams of this process.
public final class PortableGuest {
  private static final int TRAPPED = 134;
  private static final int FIRST_PREOPEN = 3; // after stdin, stdout and stderr
  private static final Set<DirCaps> LOOK_AT_DIRECTORY =
      EnumSet.of(
          DirCaps.OPEN,
          DirCaps.READDIR,
          DirCaps.READLINK,
          DirCaps.PATH_FILESTAT_GET,
          DirCaps.FILESTAT_GET);
  private static final Set<FileCaps> READ_FILE =
      EnumSet.of(
          FileCaps.READ,
          FileCaps.SEEK,
          FileCaps.TELL,
          FileCaps.ADVISE,
          FileCaps.FDSTAT_SET_FLAGS,
          FileCaps.FILESTAT_GET,
          FileCaps.POLL_READWRITE);

  private record Preopen(Path host, String guest, boolean readOnly) {}

  private final WasiCtxBuilder wasi = new WasiCtxBuilder().inheritStdio();
  private final List<Preopen> preopens = new ArrayList<>();

  /// Loads the machine code from `java.library.path`. Without this wasmtime-java looks there too,
  /// and where it finds nothing unpacks what its jar has to a place where others could write.
  ///
  /// @throws UnsatisfiedLinkError if it is not there or not for this machine
  @SuppressWarnings("restricted") // the machine code is what this engine is
  public static void load() {
    System.loadLibrary("wasmtime_jni");
  }

  /// @param arguments the guest's argv, its own name first
  public PortableGuest(List<String> arguments) {
    wasi.args(arguments);
  }

  /// Adds a variable to the guest's environment.
  public void environment(String name, String value) {
    wasi.env(name, value);
  }

  /// Shows the guest a directory; a read-only one by the rights of preview 1, not by the kernel.
  public void directory(Path host, String guest, boolean readOnly) {
    preopens.add(new Preopen(host, guest, readOnly));
  }

  /// Runs a module's `_start` to its end, which no one can hasten but by ending this process.
  ///
  /// @param reasons takes the sentence that explains a trap
  /// @return the module's own status, or 134 after a trap
  /// @throws RefusedModuleException if it is no preview-1 command module
  public int run(byte[] module, Consumer<String> reasons) throws RefusedModuleException {
    try (var engine = new Engine();
        var linker = new Linker(engine);
        var store = new Store<@Nullable Object>(null, engine, context())) {
      WasiCtx.addToLinker(linker);
      return call(store, start(engine, linker, store, module), reasons);
    }
  }

  private static Func start(
      Engine engine, Linker linker, Store<@Nullable Object> store, byte[] bytes)
      throws RefusedModuleException {
    try {
      linker.module(store, "", Module.fromBinary(engine, bytes));
    } catch (WasmtimeException e) {
      throw new RefusedModuleException(
          "is not a WebAssembly module that the portable engine runs: " + e.getMessage(), e);
    }
    return linker
        .get(store, "", "_start")
        .filter(export -> export.type() == Extern.Type.FUNC)
        .map(Extern::func)
        .orElseThrow(() -> new RefusedModuleException("exports no function _start"));
  }

  private static int call(Store<@Nullable Object> store, Func start, Consumer<String> reasons) {
    try {
      start.call(store);
      return 0;
    } catch (WasmFunctionError.I32ExitError e) {
      return e.exitCode();
    } catch (WasmFunctionError.TrapError e) {
      reasons.accept("wasm trap: " + e.trap().name().toLowerCase(Locale.ROOT).replace('_', ' '));
      return TRAPPED;
    }
  }

  private WasiCtx context() {
    WasiCtx context = wasi.build();
    int fd = FIRST_PREOPEN;
    for (Preopen p : preopens) {
      context.insertDir(
          fd++,
          p.host(),
          p.readOnly() ? LOOK_AT_DIRECTORY : EnumSet.allOf(DirCaps.class),
          p.readOnly() ? READ_FILE : EnumSet.allOf(FileCaps.class),
          Path.of(p.guest()));
    }
    return context;
  }
}
