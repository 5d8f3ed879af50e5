package dev.krustlet.shim.containerd;

import dev.krustlet.proto.services.content.ReadContentRequest;
import dev.krustlet.proto.services.content.ReadContentResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Iterator;

/// A blob of containerd's store as it comes, and the connection that it comes by.
final class BlobStream extends InputStream {
  private final Connection connection;
  private final String digest;
  private final String image;
  private final Iterator<ReadContentResponse> answers;
  private ByteBuffer piece = ByteBuffer.allocate(0);

  /// @param connection closed with the stream
  /// @param image that the blob belongs to, for messages
  BlobStream(Connection connection, String digest, String image) {
    this.connection = connection;
    this.digest = digest;
    this.image = image;
    this.answers =
        connection.stream(Call.READ, ReadContentRequest.newBuilder().setDigest(digest).build());
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    while (!piece.hasRemaining()) {
      if (!fetch()) {
        return -1;
      }
    }
    int n = Math.min(length, piece.remaining());
    piece.get(bytes, offset, n);
    return n;
  }

  private boolean fetch() throws IOException {
    try {
      if (!answers.hasNext()) {
        return false;
      }
      piece = answers.next().getData().asReadOnlyByteBuffer();
      return true;
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        throw new AbsentBlobException(digest, image, e);
      }
      throw new IOException(
          "containerd does not give out blob %s: %s".formatted(digest, e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
