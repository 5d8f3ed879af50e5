package dev.krustlet.testbed;

import java.nio.charset.StandardCharsets;

/// Modules in the text format that do one thing each, most of them nothing good.
final class GuestTexts {
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

  /// Fills 64 MiB of memory and computes for ever.
  private static final String HOLD =
      """
      (module
        (memory 1024)
        (func (export "_start")
          (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x4000000))
          (loop (br 0))))
      """;

  /// Imports what WasmEdge has and preview 1 has not.
  private static final String WASMEDGE =
      """
      (module
        (import "wasi_snapshot_preview1" "sock_open"
          (func $open (param i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start")
          (drop (call $open (i32.const 0) (i32.const 2) (i32.const 0)))))
      """;

  /// Calls a function as its last step, for which WebAssembly has an instruction of its own.
  private static final String TAIL =
      "(module (func $end) (func (export \"_start\") return_call $end))";

  /// Prints 16 random bytes and the time, four bits of each byte as a letter.
  private static final String CHANCE =
      """
      (module
        (import "wasi_snapshot_preview1" "random_get"
          (func $random (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "clock_time_get"
          (func $time (param i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write"
          (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "\\40\\00\\00\\00\\19\\00\\00\\00")
        (func (export "_start") (local $at i32)
          (drop (call $random (i32.const 64) (i32.const 16)))
          (drop (call $time (i32.const 0) (i64.const 1) (i32.const 80)))
          (local.set $at (i32.const 64))
          (loop
            (i32.store8 (local.get $at)
              (i32.add (i32.const 97)
                (i32.and (i32.const 15) (i32.load8_u (local.get $at)))))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br_if 0 (i32.lt_u (local.get $at) (i32.const 88))))
          (i32.store8 (i32.const 88) (i32.const 10))
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
      """;

  private GuestTexts() {}

  /// Puts them into the root of an image.
  static void addTo(ImageArchive image) {
    add(image, "failing-service", FAILING_SERVICE);
    add(image, "trap", TRAP);
    add(image, "loop", LOOP);
    add(image, "grow", GROW);
    add(image, "reader", READER);
    add(image, "cat", CAT);
    add(image, "hold", HOLD);
    add(image, "wasmedge-sockets", WASMEDGE);
    add(image, "tail", TAIL);
    add(image, "chance", CHANCE);
  }

  private static void add(ImageArchive image, String name, String text) {
    image.file(name + ".wat", 0644, text.getBytes(StandardCharsets.UTF_8));
  }
}
