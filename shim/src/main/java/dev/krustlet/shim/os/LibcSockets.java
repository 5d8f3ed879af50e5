package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.Native.INT;
import static dev.krustlet.shim.os.Native.LONG;
import static dev.krustlet.shim.os.Native.call;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// libc's calls about sockets, as far as it takes to be sent a descriptor, and to ask for links.
final class LibcSockets {
  private static final short AF_UNIX = 1;
  private static final int AF_INET = 2;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = OpenFlags.O_CLOEXEC;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  private static final int SUN_PATH = 2;
  private static final int SUN_SIZE = 110;

  // struct msghdr and struct cmsghdr on 64-bit systems
  private static final int MSGHDR_SIZE = 56;
  private static final int MSG_IOV = 16;
  private static final int MSG_IOVLEN = 24;
  private static final int MSG_CONTROL = 32;
  private static final int MSG_CONTROLLEN = 40;
  private static final int CMSG_LEVEL = 8;
  private static final int CMSG_TYPE = 12;
  private static final int CMSG_DATA = 16;
  private static final int CMSG_LEN =
      20; // room for one descriptor: of more, the kernel closes them
  private static final int NAME_BYTES = 4096;

  private static final CFunction SOCKET = CFunction.of("socket");
  private static final CFunction BIND = CFunction.of("bind");
  private static final CFunction LISTEN = CFunction.of("listen");
  private static final CFunction ACCEPT4 = CFunction.of("accept4");
  private static final CFunction RECVMSG = CFunction.of("recvmsg");

  private LibcSockets() {}

  static Fd unixStream() throws ErrnoException {
    return socket("Unix socket", AF_UNIX, SOCK_STREAM);
  }

  static Fd inetDatagram() throws ErrnoException {
    return socket("socket", AF_INET, SOCK_DGRAM);
  }

  private static Fd socket(String what, int family, int type) throws ErrnoException {
    return new Fd(
        (int)
            call(
                "make a", what, (_, errno) -> SOCKET.asInt(errno, family, type | SOCK_CLOEXEC, 0)));
  }

  static void listen(Fd socket, String path) throws ErrnoException {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    if (name.length > SUN_SIZE - SUN_PATH - 1) {
      throw new ErrnoException("listen at", path, Errno.EINVAL);
    }
    call(
        "listen at",
        path,
        (arena, errno) -> {
          var address = arena.allocate(SUN_SIZE, Long.BYTES);
          address.set(ValueLayout.JAVA_SHORT, 0, AF_UNIX);
          MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, SUN_PATH, name.length);
          return BIND.asInt(errno, socket.number(), address.address(), SUN_SIZE);
        });
    call("listen at", path, (_, errno) -> LISTEN.asInt(errno, socket.number(), 1));
  }

  static Fd accept(Fd socket) throws ErrnoException {
    return new Fd(
        (int)
            call(
                "accept at",
                socket,
                (_, errno) -> ACCEPT4.asInt(errno, socket.number(), 0, 0, SOCK_CLOEXEC)));
  }

  /// One message that brings a descriptor.
  static Fd receive(Fd connection) throws IOException {
    int[] received = {-1};
    call(
        "receive a descriptor from",
        connection,
        (arena, errno) -> {
          var control = arena.allocate(CMSG_LEN, Long.BYTES);
          var message = message(arena, control);
          long got =
              RECVMSG.asLong(errno, connection.number(), message.address(), MSG_CMSG_CLOEXEC);
          if (got >= 0 && message.get(LONG, MSG_CONTROLLEN) == CMSG_LEN && isRights(control)) {
            received[0] = control.get(INT, CMSG_DATA);
          }
          return got;
        });
    if (received[0] < 0) {
      throw new IOException("receive a descriptor from " + connection + ": none was sent");
    }
    return new Fd(received[0]);
  }

  private static MemorySegment message(Arena arena, MemorySegment control) {
    var bytes = arena.allocate(NAME_BYTES);
    var vector = arena.allocateFrom(LONG, bytes.address(), NAME_BYTES);
    var message = arena.allocate(MSGHDR_SIZE, Long.BYTES);
    message.set(LONG, MSG_IOV, vector.address());
    message.set(LONG, MSG_IOVLEN, 1);
    message.set(LONG, MSG_CONTROL, control.address());
    message.set(LONG, MSG_CONTROLLEN, CMSG_LEN);
    return message;
  }

  private static boolean isRights(MemorySegment control) {
    return control.get(INT, CMSG_LEVEL) == SOL_SOCKET && control.get(INT, CMSG_TYPE) == SCM_RIGHTS;
  }
}
