package dev.krustlet.command.registry;

import dev.krustlet.command.image.ImageName;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// The program behind the first part of an image's name.
///
/// @param name host, and port unless it is the usual one
/// @param insecure whether plain HTTP and TLS without a proof will do
record Server(String name, boolean insecure) {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final int STATUS_LINE = "HTTP/1.1 200".length();
  private static final Pattern LOOPBACK =
      Pattern.compile("(localhost|127(\\.[0-9]{1,3}){3})(:[0-9]+)?");

  /// Docker's registry has another name for programs than for people.
  static Server of(ImageName image, boolean insecure) {
    String name = image.registry().equals("docker.io") ? "registry-1.docker.io" : image.registry();
    return new Server(name, insecure || LOOPBACK.matcher(name).matches());
  }

  /// Connects once and goes. jib tries again for a minute before it tells that nobody is there, or
  /// that it does not trust who is.
  ///
  /// @return whether it speaks HTTP without TLS, and may
  boolean knock(Failures failures) throws RegistryFailure {
    if (isBehindProxy()) {
      return false;
    }
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(host(), port()), (int) CONNECT.toMillis());
      socket.setSoTimeout((int) CONNECT.toMillis());
      if (insecure) {
        return speaksPlainly(socket);
      }
      handshake(socket);
      return false;
    } catch (SSLException e) {
      throw failures.tls(e);
    } catch (IOException e) {
      throw failures.of(e);
    }
  }

  /// A server that wants TLS answers with an alarm, or says in plain words that it was badly asked.
  private boolean speaksPlainly(Socket socket) throws IOException {
    String question = "HEAD /v2/ HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(name);
    socket.getOutputStream().write(question.getBytes(StandardCharsets.US_ASCII));
    try {
      byte[] head = socket.getInputStream().readNBytes(STATUS_LINE);
      String line = new String(head, StandardCharsets.ISO_8859_1);
      return line.startsWith("HTTP/1.") && !line.endsWith(" 400");
    } catch (SocketTimeoutException | SocketException _) {
      return false;
    }
  }

  private void handshake(Socket socket) throws IOException {
    var factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    try (var tls = (SSLSocket) factory.createSocket(socket, host(), port(), false)) {
      var parameters = tls.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      tls.setSSLParameters(parameters);
      tls.startHandshake();
    }
  }

  private boolean isBehindProxy() {
    return ProxySelector.getDefault().select(URI.create("https://" + name + "/")).stream()
        .anyMatch(each -> each.type() != Proxy.Type.DIRECT);
  }

  private String host() {
    int colon = name.lastIndexOf(':');
    return colon < 0 ? name : name.substring(0, colon);
  }

  private int port() {
    int colon = name.lastIndexOf(':');
    return colon < 0 ? 443 : Integer.parseInt(name.substring(colon + 1));
  }
}
