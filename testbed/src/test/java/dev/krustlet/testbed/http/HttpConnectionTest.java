package dev.krustlet.testbed.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpConnectionTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @SuppressWarnings("NullAway.Init") // before each
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  /// A connection whose other end has said that and is closed.
  private HttpConnection to(String answer) throws IOException {
    var address = new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
    HttpConnection connection = HttpConnection.open(address, SOON);
    try (Socket accepted = server.accept()) {
      accepted.getOutputStream().write(answer.getBytes(US_ASCII));
    }
    return connection;
  }

  @Test
  void readsAnAnswerByItsLength() throws IOException {
    try (var connection = to("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes")) {
      HttpHead head = connection.head();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.closes()).isFalse();
      assertThat(connection.content(head)).isEqualTo("yes");
    }
  }

  @Test
  void readsAnAnswerInChunks() throws IOException {
    String answer =
        """
        HTTP/1.1 404 No
        transfer-encoding: chunked
        connection: close

        2
        on
        A
        e and more
        0

        """
            .replace("\n", "\r\n");
    try (var connection = to(answer)) {
      HttpHead head = connection.head();
      assertThat(head.status()).isEqualTo(404);
      assertThat(head.closes()).isTrue();
      assertThat(connection.content(head)).isEqualTo("one and more");
    }
  }

  @Test
  void anAnswerThatEndsEarlyIsNone() throws IOException {
    for (String half :
        new String[] {
          "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nye"
        }) {
      try (var connection = to(half)) {
        assertThatThrownBy(() -> connection.content(connection.head()))
            .isInstanceOf(EOFException.class);
      }
    }
  }

  @Test
  void whatIsNoHttpIsSaid() throws IOException {
    try (var connection = to("SSH-2.0\r\n\r\n")) {
      assertThatThrownBy(connection::head).hasMessageContaining("SSH-2.0");
    }
  }
}
