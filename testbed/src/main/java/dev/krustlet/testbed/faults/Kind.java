package dev.krustlet.testbed.faults;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The two kinds of container, each with the same few things to do.
enum Kind {
  WASM {
    @Override
    Workload counting(int lines) {
      var command = List.of("/counter.wasm", "--interval", "0", "--count", Integer.toString(lines));
      return new Workload(this, command, numbers(lines), 0);
    }

    @Override
    Workload ending(int status) {
      String flag = Integer.toString(status);
      String said =
          "hello from wasm\narg 0: /hello.wasm\narg 1: --exit\narg 2: %s\nenv PATH=/bin\n"
              .formatted(flag);
      return new Workload(this, List.of("/hello.wasm", "--exit", flag), said, status);
    }

    @Override
    Workload endless() {
      return Workload.endless(this, List.of("/counter.wasm", "--interval", "10"));
    }
  },

  NATIVE {
    @Override
    Workload counting(int lines) {
      String script = "i=0; while [ $i -lt %d ]; do i=$((i+1)); echo $i; done".formatted(lines);
      return new Workload(this, List.of("/bin/sh", "-c", script), numbers(lines), 0);
    }

    @Override
    Workload ending(int status) {
      String script = "echo hello from sh; exit " + status;
      return new Workload(this, List.of("/bin/sh", "-c", script), "hello from sh\n", status);
    }

    @Override
    Workload endless() {
      String script = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done";
      return Workload.endless(this, List.of("/bin/sh", "-c", script));
    }
  };

  /// Prints the numbers up to that one as fast as it can.
  abstract Workload counting(int lines);

  /// Prints little and ends with that status.
  abstract Workload ending(int status);

  /// Prints numbers until it is killed.
  abstract Workload endless();

  /// As in the table of counts.
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static String numbers(int last) {
    return IntStream.rangeClosed(1, last).mapToObj(i -> i + "\n").collect(Collectors.joining());
  }
}
