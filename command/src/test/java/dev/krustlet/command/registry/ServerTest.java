package dev.krustlet.command.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.krustlet.command.image.ImageName;
import dev.krustlet.command.registry.RegistryFailure.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ServerTest {
  private static final Failures FAILURES = new Failures("127.0.0.1", "pull a");

  private static Server server(String image, boolean insecure) {
    return Server.of(ImageName.parse(image), insecure);
  }

  @Test
  void onlyLoopbackDoesWithoutTls() {
    assertThat(server("localhost/a", false).insecure()).isTrue();
    assertThat(server("127.0.0.2:5000/a", false).insecure()).isTrue();
    assertThat(server("127.0.0.1.example.org/a", false).insecure()).isFalse();
    assertThat(server("localhost.example.org:80/a", false).insecure()).isFalse();
    assertThat(server("ghcr.io/me/a", false).insecure()).isFalse();
    assertThat(server("ghcr.io/me/a", true).insecure()).isTrue();
    assertThat(server("a", false).name()).isEqualTo("registry-1.docker.io");
  }

  @Test
  void whoSpeaksPlainlyIsHeard() throws IOException {
    var http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    http.start();
    try {
      String name = "127.0.0.1:" + http.getAddress().getPort();

      assertThat(new Server(name, true).knock(FAILURES)).isTrue();
    } finally {
      http.stop(0);
    }
  }

  /// One that answers whatever it is told with the same words, as those do who expect TLS.
  private static void answering(String words, Trial trial) throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var _ =
          threads.submit(() -> {
            try (var peer = socket.accept()) {
              peer.getInputStream().read();
              peer.getOutputStream()
                  .write(words.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
            }
            return true;
          });
      trial.with("127.0.0.1:" + socket.getLocalPort());
    }
  }

  private interface Trial {
    void with(String name) throws IOException;
  }

  @Test
  void whoWantsTlsIsGivenIt() throws IOException {
    for (String words :
        new String[] {"HTTP/1.0 400 Bad Request\r\n\r\n", "\u0015\u0003\u0001", ""}) {
      answering(words, name -> assertThat(new Server(name, true).knock(FAILURES)).isFalse());
    }
  }

  @Test
  void whoSpeaksNoTlsIsRefusedWhereItIsNeeded() throws IOException {
    answering(
        "HTTP/1.0 200 OK\r\n\r\n",
        name ->
            assertThatThrownBy(() -> new Server(name, false).knock(FAILURES))
                .isInstanceOfSatisfying(
                    RegistryFailure.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE))
                .hasMessageContaining("pull a: TLS with 127.0.0.1 failed")
                .hasMessageContaining("--insecure"));
  }
}
