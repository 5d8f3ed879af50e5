package dev.krustlet.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.StringValue;
import dev.krustlet.ttrpc.wire.Request;
import dev.krustlet.ttrpc.wire.Response;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// A peer that says exactly the bytes a test wants said.
final class RawPeer implements AutoCloseable {
  final SocketChannel channel;
  private final FrameReader reader;

  RawPeer(Path socket) throws IOException {
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    reader = new FrameReader(channel);
  }

  static Request request(String service, String method, String text) {
    return Request.newBuilder()
        .setService(service)
        .setMethod(method)
        .setPayload(StringValue.of(text).toByteString())
        .build();
  }

  void send(byte[] bytes) throws IOException {
    var buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  void send(Frame frame) throws IOException {
    send(frame.encode().array());
  }

  void call(int stream, Request request) throws IOException {
    send(Frame.of(stream, Frame.REQUEST, request.toByteArray()));
  }

  Frame frame() throws IOException {
    return reader.next().orElseThrow();
  }

  Response answer() throws IOException {
    return Response.parseFrom(frame().data());
  }

  Code status() throws IOException {
    return Code.of(answer().getStatus().getCode());
  }

  String text() throws IOException {
    ByteString payload = answer().getPayload();
    return StringValue.parseFrom(payload).getValue();
  }

  boolean hungUp() throws IOException {
    try {
      return reader.next().isEmpty();
    } catch (IOException _) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
