package dev.krustlet.shim.engine.wasm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.ExecProcess;
import dev.krustlet.shim.engine.ExecRequest;
import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.engine.Stdio;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.select.SelectingEngine;
import dev.krustlet.shim.modules.TestEngine;
import dev.krustlet.shim.oci.Bundle;
import dev.krustlet.shim.oci.Document;
import dev.krustlet.shim.oci.RuntimeOptions;
import dev.krustlet.shim.oci.SpecException;
import dev.krustlet.shim.os.Mounts;
import dev.krustlet.shim.os.Processes;
import dev.krustlet.shim.policy.NodePolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A root with guests written by hand, and a real engine that runs them.
public final class WasmBed implements AutoCloseable {
  private static final String MODULE =
      """
      (module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (import "wasi_snapshot_preview1" "fd_read"
          (func $read (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 2)
        (func (export "_start") (loop (br 0)))
        (func (export "seven") (call $exit (i32.const 7)))
        (func (export "read") (i32.store (i32.const 4) (i32.const 8))
          (loop (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
            (br_if 0 (i32.load (i32.const 8)))))
        (func (export "grow")
          (loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable))
      """;

  private final Path directory;
  private final Path image;
  private final WasmEngine wasm;
  private final SelectingEngine engine;

  public WasmBed(Path directory) throws IOException {
    this(directory, NodePolicy.DEFAULT);
  }

  WasmBed(Path directory, NodePolicy policy) throws IOException {
    assumeTrue(Processes.uid() == 0, "mounts want root");
    this.directory = directory;
    image = Files.createDirectories(directory.resolve("image"));
    Files.writeString(image.resolve("guest.wat"), MODULE);
    Files.writeString(image.resolve("script"), "#!/bin/sh\n");
    Path sockets = Files.createDirectories(directory.resolve("s"));
    wasm =
        new WasmEngine(
            TestEngine.program(true), sockets, directory.resolve("cache"), 1 << 30, policy);
    engine = new SelectingEngine(wasm, wasm, (_, _) -> Optional.empty(), "k8s.io");
  }

  public SelectingEngine engine() {
    return engine;
  }

  /// A container of the guest's export.
  Container create(String id, String export, String resources, Stdio stdio)
      throws IOException, SpecException, TaskException, InterruptedException {
    Path bundle = bundle(id, export, resources, "{}");
    return engine.create(
        new ContainerRequest(
            id, bundle, Bundle.load(bundle), List.of(), stdio, RuntimeOptions.DEFAULT));
  }

  /// A container of the guest's export that may not have started.
  ///
  /// @param linux that part of its spec
  Container create(String id, String export, String linux, String hooks)
      throws IOException, SpecException, TaskException, InterruptedException {
    Path bundle = written(id, export, linux, hooks);
    return engine.create(
        new ContainerRequest(
            id, bundle, Bundle.load(bundle), List.of(), Stdio.NONE, RuntimeOptions.DEFAULT));
  }

  /// The bundle of a container.
  public Path bundle(String id, String export, String resources, String hooks) throws IOException {
    return written(id, export, "{\"resources\":%s}".formatted(resources), hooks);
  }

  private Path written(String id, String export, String linux, String hooks) throws IOException {
    Path bundle = Files.createDirectories(directory.resolve(id));
    Files.writeString(
        bundle.resolve("config.json"),
        """
        {"ociVersion":"1.0.2","process":%s,"root":{"path":"%s"},
         "linux":%s,"hooks":%s}
        """
            .formatted(process("/guest.wat#" + export), image, linux, hooks));
    return bundle;
  }

  /// A container of another module, with annotations.
  Container annotated(String id, String module, String annotations)
      throws IOException, SpecException, TaskException, InterruptedException {
    Files.writeString(image.resolve("other.wat"), module);
    Path bundle = Files.createDirectories(directory.resolve(id));
    Files.writeString(
        bundle.resolve("config.json"),
        """
        {"ociVersion":"1.0.2","process":%s,"root":{"path":"%s"},"annotations":{%s}}
        """
            .formatted(process("/other.wat"), image, annotations));
    return engine.create(
        new ContainerRequest(
            id, bundle, Bundle.load(bundle), List.of(), Stdio.NONE, RuntimeOptions.DEFAULT));
  }

  /// A container that runs.
  Container running(String id, String export)
      throws IOException, SpecException, TaskException, InterruptedException {
    var container = create(id, export, "{}", Stdio.NONE);
    container.start();
    return container;
  }

  static ExecProcess exec(Container container, String id, String program)
      throws SpecException, TaskException, InterruptedException {
    String json = process(program);
    return container.exec(
        new ExecRequest(id, new Document<>(Bundle.parseProcess(json), json), Stdio.NONE));
  }

  static int status(CompletableFuture<Exit> exited)
      throws InterruptedException, ExecutionException, TimeoutException {
    return exited.get(30, TimeUnit.SECONDS).status();
  }

  /// Ends what still runs, with its mounts.
  @Override
  public void close() throws IOException {
    engine.close();
    for (Path point : Mounts.beneath(directory)) {
      Mounts.unmountTree(point);
    }
  }

  /// The document of a process that runs a module.
  public static String process(String program) {
    return "{\"args\":[\"%s\"],\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0}}".formatted(program);
  }
}
