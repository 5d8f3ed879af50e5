package dev.krustlet.shim.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/// A counter of the kernel's that becomes readable when it is not 0.
public final class EventFd implements AutoCloseable {
  private final Fd fd;

  private EventFd(Fd fd) {
    this.fd = fd;
  }

  public static EventFd create() throws IOException {
    return new EventFd(LibcEvents.eventfd());
  }

  /// One that counts the times a memory cgroup (v1) ran out of memory. It counts once more when the
  /// cgroup is removed.
  public static EventFd ofOutOfMemory(Path cgroup) throws IOException {
    var event = create();
    var control = cgroup.resolve("memory.oom_control").toString();
    try (var oom = LibcFiles.open(control, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC, 0)) {
      var line = "%d %d".formatted(event.fd.number(), oom.number());
      Files.writeString(cgroup.resolve("cgroup.event_control"), line);
      return event;
    } catch (IOException e) {
      event.close();
      throw e;
    }
  }

  public Fd fd() {
    return fd;
  }

  /// What was counted since the last read; 0 if nothing was. Never blocks.
  public long read() throws IOException {
    try {
      return ByteBuffer.wrap(LibcFiles.read(fd, Long.BYTES))
          .order(ByteOrder.nativeOrder())
          .getLong();
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EAGAIN) {
        return 0;
      }
      throw e;
    }
  }

  /// Counts one.
  public void signal() throws IOException {
    var one = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(1);
    int _ = LibcFiles.write(fd, one.array());
  }

  @Override
  public void close() throws ErrnoException {
    fd.close();
  }
}
