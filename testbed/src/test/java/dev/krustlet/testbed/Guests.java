package dev.krustlet.testbed;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/// The image that the tests run: the examples, modules that misbehave, files that are no programs,
/// and busybox.
final class Guests {
  static final String IMAGE = "localhost/guests:1";

  private static final String LOOP = "(module (func (export \"_start\") (loop (br 0))))";
  private static final String TRAP = "(module (func (export \"_start\") unreachable))";

  /// Grows until it is refused, and cannot go on then.
  private static final String GROW =
      """
      (module
        (memory 1)
        (func (export "_start")
          (loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
          unreachable))
      """;

  /// Reads 16 bytes of its stdin at a time, whatever comes of it.
  private static final String READER =
      """
      (module
        (import "wasi_snapshot_preview1" "fd_read"
          (func $read (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "\\10\\00\\00\\00\\10\\00\\00\\00")
        (func (export "_start")
          (loop
            (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
            (br 0))))
      """;

  /// Writes what it reads, to the end of it.
  private static final String CAT =
      """
      (module
        (import "wasi_snapshot_preview1" "fd_read"
          (func $read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write"
          (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start")
          (i32.store (i32.const 0) (i32.const 64))
          (loop
            (i32.store (i32.const 4) (i32.const 4096))
            (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
            (i32.store (i32.const 4) (i32.load (i32.const 8)))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
            (br_if 0 (i32.load (i32.const 8))))))
      """;

  /// A service that fails at whatever it is asked.
  private static final String FAILING_SERVICE =
      """
      (component
        (import "wasi:http/types@0.2.0" (instance $types
          (export "incoming-request" (type (sub resource)))
          (export "response-outparam" (type (sub resource)))))
        (alias export $types "incoming-request" (type $request))
        (alias export $types "response-outparam" (type $out))
        (core module $code (func (export "handle") (param i32 i32) unreachable))
        (core instance $code (instantiate $code))
        (func $handle (param "request" (own $request)) (param "response-out" (own $out))
          (canon lift (core func $code "handle")))
        (instance $handler (export "handle" (func $handle)))
        (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))
      """;

  private Guests() {}

  static void importInto(PrivateContainerd containerd, Installation installation)
      throws IOException, InterruptedException {
    Path archive = containerd.bed().path().resolve("guests.tar");
    Files.write(archive, image(installation).build());
    Finished imported = containerd.ctr("images", "import", archive.toString());
    if (imported.status() != 0) {
      throw new IOException("ctr images import: " + imported.err());
    }
  }

  static ImageArchive image(Installation installation) throws IOException {
    return new ImageArchive(IMAGE)
        .directory("bin", 0755)
        .directory("tmp", 01777)
        .file("hello.wasm", 0644, Files.readAllBytes(installation.example("hello")))
        .file("counter.wasm", 0644, Files.readAllBytes(installation.example("counter")))
        .file("files.wasm", 0644, Files.readAllBytes(installation.example("files")))
        .file("echo.wasm", 0644, Files.readAllBytes(installation.example("echo")))
        .file(
            "keyvalue-counter.wasm",
            0644,
            Files.readAllBytes(installation.example("keyvalue-counter")))
        .file("web.wasm", 0644, Files.readAllBytes(installation.example("web")))
        .file("failing-service.wat", 0644, FAILING_SERVICE.getBytes(StandardCharsets.UTF_8))
        .file("trap.wat", 0644, TRAP.getBytes(StandardCharsets.UTF_8))
        .file("loop.wat", 0644, LOOP.getBytes(StandardCharsets.UTF_8))
        .file("grow.wat", 0644, GROW.getBytes(StandardCharsets.UTF_8))
        .file("reader.wat", 0644, READER.getBytes(StandardCharsets.UTF_8))
        .file("cat.wat", 0644, CAT.getBytes(StandardCharsets.UTF_8))
        .file("bin/busybox", 0755, Files.readAllBytes(Path.of("/usr/bin/busybox")))
        .link("bin/sh", "busybox")
        .link("bin/true", "busybox")
        .link("bin/cat", "busybox")
        .file("secret", 0600, "for root".getBytes(StandardCharsets.UTF_8))
        .file("text.txt", 0755, "Not a program.\n".getBytes(StandardCharsets.UTF_8))
        .file("foreign", 0755, foreignElf());
  }

  /// The head of an ELF file for s390, which no machine that we build for is.
  private static byte[] foreignElf() {
    byte[] head = new byte[64];
    byte[] start = HexFormat.of().parseHex("7f454c46020201000000000000000000" + "00020016");
    System.arraycopy(start, 0, head, 0, start.length);
    return head;
  }
}
