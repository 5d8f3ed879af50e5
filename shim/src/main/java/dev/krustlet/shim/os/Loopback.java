package dev.krustlet.shim.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The loopback of a network namespace. In a new one it is down, and an OCI runtime brings it up.
public final class Loopback {
  private static final int CLONE_NEWNET = 0x40000000;
  private static final int SIOCGIFFLAGS = 0x8913;
  private static final int SIOCSIFFLAGS = 0x8914;
  private static final short IFF_UP = 1;
  private static final int IFREQ_SIZE = 40;
  private static final int IFREQ_FLAGS = 16;
  private static final byte[] NAME = "lo".getBytes(StandardCharsets.US_ASCII);
  private static final int PATIENCE_S = 10;

  private Loopback() {}

  /// Brings it up in the network of a thread. A namespace is a thread's, so a thread of its own
  /// goes there, which ends there.
  public static void raise(int thread) throws IOException, InterruptedException {
    var work =
        new FutureTask<Void>(() -> {
          enter(Path.of("/proc/%d/ns/net".formatted(thread)));
          up();
          return null;
        });
    Thread.ofPlatform().name("loopback-" + thread).start(work);
    try {
      work.get(PATIENCE_S, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException(
          "cannot bring up the loopback in the network of thread %d: %s"
              .formatted(thread, e.getMessage()),
          e);
    }
  }

  private static void enter(Path namespace) throws ErrnoException {
    try (var network = Fd.openTrusted(namespace)) {
      LibcProcesses.setns(network, CLONE_NEWNET, namespace);
    }
  }

  private static void up() throws ErrnoException {
    try (var arena = Arena.ofConfined();
        var socket = LibcSockets.inetDatagram()) {
      var request = arena.allocate(IFREQ_SIZE, Long.BYTES);
      MemorySegment.copy(NAME, 0, request, ValueLayout.JAVA_BYTE, 0, NAME.length);
      LibcDescriptors.ioctl("look at lo by", socket, SIOCGIFFLAGS, request);
      short flags = request.get(ValueLayout.JAVA_SHORT, IFREQ_FLAGS);
      request.set(ValueLayout.JAVA_SHORT, IFREQ_FLAGS, (short) (flags | IFF_UP));
      LibcDescriptors.ioctl("bring up lo by", socket, SIOCSIFFLAGS, request);
    }
  }
}
