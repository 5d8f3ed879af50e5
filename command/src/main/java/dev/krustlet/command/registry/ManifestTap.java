package dev.krustlet.command.registry;

import com.google.cloud.tools.jib.http.FailoverHttpClient;
import com.google.cloud.tools.jib.http.Request;
import com.google.cloud.tools.jib.http.Response;
import java.io.IOException;
import java.io.Serial;
import java.net.URI;
import java.net.URL;

/// jib's client, which lets us have a manifest's bytes. jib itself reads a manifest of any length,
/// keeps what it understands of it and forgets the rest.
final class ManifestTap extends FailoverHttpClient {
  private final Server server;
  private final boolean plain;
  private final int most;

  /// Not a failure: how the bytes of a manifest leave jib.
  static final class Tapped extends IOException {
    @Serial private static final long serialVersionUID = 1;

    private final byte[] bytes;
    private final String mediaType;

    Tapped(byte[] bytes, String mediaType) {
      super("a manifest was read");
      this.bytes = bytes.clone();
      this.mediaType = mediaType;
    }

    byte[] bytes() {
      return bytes.clone();
    }

    String mediaType() {
      return mediaType;
    }
  }

  /// @param plain whether the server speaks HTTP without TLS
  /// @param most bytes of a manifest
  ManifestTap(Server server, boolean plain, int most) {
    super(server.insecure(), server.insecure(), event -> {});
    this.server = server;
    this.plain = plain;
    this.most = most;
  }

  @Override
  public Response call(String method, URL url, Request request) throws IOException {
    Response response = super.call(method, spoken(url), request);
    if (!method.equals("GET") || !url.getPath().contains("/manifests/")) {
      return response;
    }
    try (response) {
      byte[] bytes = response.getBody().readNBytes(most + 1);
      if (bytes.length > most) {
        throw new RegistryFailure(
            RegistryFailure.Kind.DAMAGED,
            "%s sends a manifest of more than %d bytes".formatted(url.getHost(), most));
      }
      var types = response.getHeader("Content-Type");
      throw new Tapped(bytes, types.isEmpty() ? "" : types.getFirst().replaceFirst(";.*", ""));
    }
  }

  /// jib always begins with TLS.
  private URL spoken(URL url) throws IOException {
    return plain && url.getProtocol().equals("https") && url.getAuthority().equals(server.name())
        ? URI.create(url.toString().replaceFirst("^https:", "http:")).toURL()
        : url;
  }
}
