package dev.krustlet.shim.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ConsoleSocketTest {
  @TempDir private Path directory;

  /// Bundles are deeper than a socket's name may be long.
  private Path deep() throws IOException {
    return Files.createDirectories(directory.resolve("d".repeat(90)).resolve("e".repeat(90)));
  }

  @Test
  void aPeerThatSendsNoTerminalIsRefused() throws IOException {
    try (var socket = ConsoleSocket.listen(directory, "t");
        var peer = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      peer.connect(UnixDomainSocketAddress.of(socket.path()));
      int _ = peer.write(ByteBuffer.wrap(new byte[] {1}));

      assertThatThrownBy(socket::receive).hasMessageContaining("none was sent");
    }
  }

  @Test
  void itsDirectoryMayBeDeepAndNothingOfItIsLeft() throws IOException {
    Path directory = deep();
    var socket = ConsoleSocket.listen(directory, "t");
    assertThat(socket.path()).exists();

    socket.close();
    socket.close();

    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void whatAnEarlierStartLeftIsReplaced() throws IOException {
    Files.writeString(directory.resolve("t"), "");

    try (var socket = ConsoleSocket.listen(directory, "t")) {
      assertThat(Files.isRegularFile(socket.path())).isFalse();
    }
  }

  @Test
  void aDirectoryThatIsNoneIsAnError() {
    assertThatThrownBy(() -> ConsoleSocket.listen(directory.resolve("none"), "t"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none");
  }
}
