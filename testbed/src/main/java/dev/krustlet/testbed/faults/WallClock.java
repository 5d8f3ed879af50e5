package dev.krustlet.testbed.faults;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;

/// The wall clock of the launcher and the daemon, which can be put without moving the machine's: a
/// library laid over libc's that adds an offset from a file. The monotonic clock goes on as it does
/// when a node's clock is put.
///
/// @param offset a file of eight bytes: what is added, in nanoseconds
record WallClock(Path library, Path offset) {
  private static final String SOURCE =
      """
      #define _GNU_SOURCE
      #include <fcntl.h>
      #include <stdint.h>
      #include <stdlib.h>
      #include <sys/mman.h>
      #include <sys/syscall.h>
      #include <sys/time.h>
      #include <time.h>
      #include <unistd.h>

      static volatile const int64_t *offset;

      __attribute__((constructor)) static void attach(void) {
          const char *path = getenv("KRUSTLET_FAULTS_CLOCK");
          int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
          if (fd >= 0) {
              void *page = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, fd, 0);
              offset = page == MAP_FAILED ? NULL : page;
              close(fd);
          }
      }

      int clock_gettime(clockid_t id, struct timespec *now) {
          int result = syscall(SYS_clock_gettime, id, now);
          if (result == 0 && offset && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
              int64_t ahead = *offset;
              int64_t ns = now->tv_nsec + ahead % 1000000000;
              now->tv_sec += ahead / 1000000000 + (ns < 0 ? -1 : ns / 1000000000);
              now->tv_nsec = ns < 0 ? ns + 1000000000 : ns % 1000000000;
          }
          return result;
      }

      int gettimeofday(struct timeval *restrict now, void *restrict zone) {
          struct timespec precise;
          clock_gettime(CLOCK_REALTIME, &precise);
          now->tv_sec = precise.tv_sec;
          now->tv_usec = precise.tv_nsec / 1000;
          return 0;
      }

      time_t time(time_t *now) {
          struct timespec precise;
          clock_gettime(CLOCK_REALTIME, &precise);
          if (now) {
              *now = precise.tv_sec;
          }
          return precise.tv_sec;
      }
      """;

  static WallClock make(Path directory) throws IOException, InterruptedException {
    Path source = Files.writeString(directory.resolve("clock.c"), SOURCE);
    var clock = new WallClock(directory.resolve("clock.so"), directory.resolve("clock"));
    Files.write(clock.offset, new byte[Long.BYTES]);
    var compiler =
        new ProcessBuilder(
            "cc", "-shared", "-fPIC", "-O2", "-o", clock.library.toString(), source.toString());
    if (compiler.inheritIO().start().waitFor() != 0) {
      throw new IOException("cc cannot compile " + source);
    }
    return clock;
  }

  /// For the processes that are to have this clock.
  Map<String, String> environment() {
    return Map.of("LD_PRELOAD", library.toString(), "KRUSTLET_FAULTS_CLOCK", offset.toString());
  }

  /// Puts it, wherever it was before.
  ///
  /// @param ahead of the machine's; negative to be behind it
  void put(Duration ahead) throws IOException {
    var bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
    try (var file = FileChannel.open(offset, StandardOpenOption.WRITE)) {
      file.write(bytes.putLong(0, ahead.toNanos()), 0);
    }
  }
}
