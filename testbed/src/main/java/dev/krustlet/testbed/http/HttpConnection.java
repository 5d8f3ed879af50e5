package dev.krustlet.testbed.http;

import dev.krustlet.testbed.Await;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;

/// A connection to a service, in HTTP/1.1. Nothing is sent twice and nothing is read ahead of what
/// was asked for.
public final class HttpConnection implements AutoCloseable {
  private static final int MAX_LINE = 64 << 10;

  private final Socket socket;
  private final InputStream input;

  private HttpConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.input = new BufferedInputStream(socket.getInputStream());
  }

  /// Connects.
  ///
  /// @param patience for the connection and for each piece that is waited for
  public static HttpConnection open(InetSocketAddress address, Duration patience)
      throws IOException {
    int milliseconds = Math.toIntExact(Await.patiently(patience).toMillis());
    var socket = new Socket();
    try {
      socket.connect(address, milliseconds);
      socket.setSoTimeout(milliseconds);
      socket.setTcpNoDelay(true);
      return new HttpConnection(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /// Waits until somebody listens.
  public static void awaitListener(InetSocketAddress address, Duration deadline)
      throws IOException, InterruptedException {
    Await.until("a listener at " + address, deadline, () -> listens(address));
  }

  /// Whether a connection can be made: a TCP probe.
  public static boolean listens(InetSocketAddress address) {
    try (var _ = open(address, Duration.ofSeconds(5))) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /// Sends the head of a request that has no content.
  public void get(String path) throws IOException {
    send("GET %s HTTP/1.1\r\nHost: pod\r\n\r\n".formatted(path));
  }

  /// Sends the head of a request whose content comes in chunks.
  public void post(String path) throws IOException {
    send("POST %s HTTP/1.1\r\nHost: pod\r\nTransfer-Encoding: chunked\r\n\r\n".formatted(path));
  }

  /// Sends a whole request.
  public void post(String path, String content) throws IOException {
    send(
        "POST %s HTTP/1.1\r\nHost: pod\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(path, content.length(), content));
  }

  /// Sends a piece of the content.
  public void chunk(String ascii) throws IOException {
    send("%x\r\n%s\r\n".formatted(ascii.length(), ascii));
  }

  /// Ends the content.
  public void end() throws IOException {
    send("0\r\n\r\n");
  }

  private void send(String ascii) throws IOException {
    socket.getOutputStream().write(ascii.getBytes(StandardCharsets.US_ASCII));
  }

  /// Waits for the head of the response.
  public HttpHead head() throws IOException {
    var lines = new ArrayList<String>();
    for (String line = line(); !line.isEmpty() || lines.isEmpty(); line = line()) {
      lines.add(line);
    }
    return HttpHead.parse(lines);
  }

  /// Waits for the rest of the response.
  public String content(HttpHead head) throws IOException {
    if (!head.isChunked()) {
      return bytes(head.length());
    }
    var content = new StringBuilder();
    for (String chunk = nextChunk(); !chunk.isEmpty(); chunk = nextChunk()) {
      content.append(chunk);
    }
    return content.toString();
  }

  /// Waits for a piece of the content; empty at its end.
  public String nextChunk() throws IOException {
    String chunk = bytes(HexFormat.fromHexDigits(line()));
    if (!line().isEmpty()) {
      throw new IOException("a chunk is longer than it says, or there are trailers");
    }
    return chunk;
  }

  private String bytes(int count) throws IOException {
    byte[] bytes = input.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("the connection ended %d bytes early".formatted(count - bytes.length));
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    var line = new ByteArrayOutputStream();
    for (int each = input.read(); each != '\n'; each = input.read()) {
      if (each < 0 || line.size() == MAX_LINE) {
        throw new EOFException("the connection ended, or no line did");
      }
      line.write(each);
    }
    return line.toString(StandardCharsets.UTF_8).stripTrailing();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
