package dev.krustlet.testbed;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/// A client of gRPC over HTTP/2 without TLS, whose messages are bytes.
final class GrpcClient implements AutoCloseable {
  private final EventLoopGroup loop;
  private final ManagedChannel channel;

  GrpcClient(InetSocketAddress server) {
    var threads = Thread.ofPlatform().name("grpc-client-", 0).daemon().factory();
    loop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
    channel =
        NettyChannelBuilder.forAddress(server)
            .channelType(NioSocketChannel.class)
            .eventLoopGroup(loop)
            .usePlaintext()
            .build();
  }

  /// Asks and waits for the one answer.
  byte[] ask(String method, byte[] question) {
    return ClientCalls.blockingUnaryCall(
        channel, of(method, MethodType.UNARY), options(), question);
  }

  /// Asks, and has the answers as they come.
  Iterator<byte[]> stream(String method, byte[] question) {
    return ClientCalls.blockingServerStreamingCall(
        channel, of(method, MethodType.SERVER_STREAMING), options(), question);
  }

  /// A call that sends and hears as it likes.
  ClientCall<byte[], byte[]> call(String method) {
    return channel.newCall(of(method, MethodType.BIDI_STREAMING), options());
  }

  private static CallOptions options() {
    long seconds = Await.patiently(TestPods.SOON).toSeconds();
    return CallOptions.DEFAULT.withDeadlineAfter(seconds, TimeUnit.SECONDS);
  }

  private static MethodDescriptor<byte[], byte[]> of(String method, MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(type)
        .setFullMethodName(method)
        .setRequestMarshaller(Bytes.MESSAGE)
        .setResponseMarshaller(Bytes.MESSAGE)
        .build();
  }

  private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
    MESSAGE;

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS); // its threads keep nobody alive
  }
}
