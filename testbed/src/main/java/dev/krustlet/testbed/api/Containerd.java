package dev.krustlet.testbed.api;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/// A connection to containerd's gRPC services, in one of its namespaces. Goes on when containerd
/// was restarted; threads may share it.
public final class Containerd implements AutoCloseable {
  /// For a call that may start a daemon on a busy machine.
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private static final Metadata.Key<String> NAMESPACE =
      Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);

  /// gRPC asks every channel to keep its connection alive, and this one needs no telling.
  private static final Logger UNKNOWN_OPTIONS = Logger.getLogger("io.netty.bootstrap.Bootstrap");

  static {
    UNKNOWN_OPTIONS.setLevel(Level.SEVERE);
  }

  private final EventLoopGroup loop;
  private final ManagedChannel connection;
  private final Channel channel;

  private Containerd(EventLoopGroup loop, ManagedChannel connection, String namespace) {
    this.loop = loop;
    this.connection = connection;
    var header = new Metadata();
    header.put(NAMESPACE, namespace);
    this.channel =
        ClientInterceptors.intercept(connection, MetadataUtils.newAttachHeadersInterceptor(header));
  }

  /// Connects with its first call.
  public static Containerd of(Path socket, String namespace) {
    var threads = Thread.ofPlatform().name("containerd-client-", 0).daemon().factory();
    var loop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
    var connection =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioDomainSocketChannel.class)
            .eventLoopGroup(loop)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
    return new Containerd(loop, connection, namespace);
  }

  <Q extends Message, A extends Message> A ask(Call<Q, A> call, Q question) throws CallException {
    var options = CallOptions.DEFAULT.withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    try {
      return ClientCalls.blockingUnaryCall(channel, call.method(), options, question);
    } catch (StatusRuntimeException e) {
      connection.resetConnectBackoff(); // a containerd that comes back is found at once
      throw new CallException(call.toString(), e);
    }
  }

  /// What a streaming call tells, until containerd ends it. A problem of the stream is thrown by
  /// the iterator.
  <Q extends Message, A extends Message> Iterator<A> listen(Call<Q, A> call, Q question) {
    return ClientCalls.blockingServerStreamingCall(
        channel, call.method(), CallOptions.DEFAULT, question);
  }

  /// After a stream has broken.
  void reconnect() {
    connection.resetConnectBackoff();
  }

  @Override
  public void close() {
    connection.shutdownNow();
    var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS); // its threads keep nobody alive
  }
}
