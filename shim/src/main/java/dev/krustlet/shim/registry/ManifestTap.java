package dev.krustlet.shim.registry;

import com.google.cloud.tools.jib.http.FailoverHttpClient;
import com.google.cloud.tools.jib.http.Request;
import com.google.cloud.tools.jib.http.Response;
import java.io.IOException;
import java.io.Serial;
import java.net.URL;

/// jib's client, which lets us have a manifest's bytes. jib itself reads a manifest of any length,
/// keeps what it understands of it and forgets the rest.
final class ManifestTap extends FailoverHttpClient {
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

  /// @param insecure whether TLS is not needed, and nobody has to prove who they are
  /// @param most bytes of a manifest
  ManifestTap(boolean insecure, int most) {
    super(insecure, insecure, event -> {});
    this.most = most;
  }

  @Override
  public Response call(String method, URL url, Request request) throws IOException {
    Response response = super.call(method, url, request);
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
}
