package dev.krustlet.testbed.http;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The head of a response.
///
/// @param headers by their names in lower case
public record HttpHead(int status, Map<String, String> headers) {
  public HttpHead {
    headers = Map.copyOf(headers);
  }

  /// @param lines the status line and the headers
  static HttpHead parse(List<String> lines) throws IOException {
    String[] status = lines.getFirst().split(" ", 3);
    if (status.length < 2 || !status[0].equals("HTTP/1.1") || !status[1].matches("\\d{3}")) {
      throw new IOException("no status line of HTTP/1.1: '%s'".formatted(lines.getFirst()));
    }
    var headers = new HashMap<String, String>();
    for (String line : lines.subList(1, lines.size())) {
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new IOException("no header: '%s'".formatted(line));
      }
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return new HttpHead(Integer.parseInt(status[1]), headers);
  }

  boolean isChunked() {
    return headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked");
  }

  /// Of its content; 0 if it does not say.
  int length() {
    return Integer.parseInt(headers.getOrDefault("content-length", "0"));
  }

  /// Whether the connection ends with this response.
  public boolean closes() {
    return headers.getOrDefault("connection", "").equalsIgnoreCase("close");
  }
}
