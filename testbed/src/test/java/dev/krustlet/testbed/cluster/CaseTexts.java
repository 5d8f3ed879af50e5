package dev.krustlet.testbed.cluster;

import dev.krustlet.testbed.ImageArchive;
import java.nio.charset.StandardCharsets;

/// Modules in the text format that only tests on a cluster need.
final class CaseTexts {
  /// Lists the directory `/v` again and again, and says each time how many entries it has.
  private static final String LIST =
      """
      (module
        (import "wasi_snapshot_preview1" "path_open"
          (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_readdir"
          (func $readdir (param i32 i32 i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write"
          (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 2)
        (data (i32.const 0) "v")
        (func $say (param $number i32) (local $at i32)
          (local.set $at (i32.const 63))
          (i32.store8 (i32.const 63) (i32.const 10))
          (loop
            (local.set $at (i32.sub (local.get $at) (i32.const 1)))
            (i32.store8 (local.get $at)
              (i32.add (i32.const 48) (i32.rem_u (local.get $number) (i32.const 10))))
            (local.set $number (i32.div_u (local.get $number) (i32.const 10)))
            (br_if 0 (local.get $number)))
          (i32.store (i32.const 16) (local.get $at))
          (i32.store (i32.const 20) (i32.sub (i32.const 64) (local.get $at)))
          (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))
        (func $count (param $directory i32) (result i32)
          (local $entries i32) (local $at i32) (local $next i32) (local $end i32)
          (local $cookie i64)
          (loop $more
            (if (call $readdir (local.get $directory) (i32.const 1024) (i32.const 65536)
                  (local.get $cookie) (i32.const 8))
              (then unreachable))
            (local.set $at (i32.const 1024))
            (local.set $end (i32.add (i32.const 1024) (i32.load (i32.const 8))))
            (block $parsed
              (loop $entry
                (br_if $parsed
                  (i32.gt_u (i32.add (local.get $at) (i32.const 24)) (local.get $end)))
                (local.set $next
                  (i32.add (i32.add (local.get $at) (i32.const 24))
                    (i32.load offset=16 (local.get $at))))
                (br_if $parsed (i32.gt_u (local.get $next) (local.get $end)))
                (local.set $cookie (i64.load (local.get $at)))
                (local.set $entries (i32.add (local.get $entries) (i32.const 1)))
                (local.set $at (local.get $next))
                (br $entry)))
            (br_if $more (i32.eq (i32.load (i32.const 8)) (i32.const 65536))))
          (local.get $entries))
        (func (export "_start")
          (if (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 2)
                (i64.const 0x4000) (i64.const 0) (i32.const 0) (i32.const 4))
            (then unreachable))
          (loop
            (call $say (call $count (i32.load (i32.const 4))))
            (br 0))))
      """;

  private CaseTexts() {}

  /// Puts them into the root of an image.
  static void addTo(ImageArchive image) {
    image.file("list.wat", 0644, LIST.getBytes(StandardCharsets.UTF_8));
  }
}
