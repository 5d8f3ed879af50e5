package dev.krustlet.shim.containerd;

import com.google.protobuf.MessageLite;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A connection to containerd's gRPC services, in one of its namespaces. Meant to be closed soon:
/// nothing of it is kept between two containers.
final class Connection implements AutoCloseable {
  /// For all that one container needs, up to a layer of hundreds of megabytes.
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private static final Metadata.Key<String> NAMESPACE =
      Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);

  private final EventLoopGroup loop;
  private final ManagedChannel connection;
  private final Channel channel;
  private final Duration deadline;

  private Connection(
      EventLoopGroup loop, ManagedChannel connection, String namespace, Duration deadline) {
    this.loop = loop;
    this.deadline = deadline;
    this.connection = connection;
    var header = new Metadata();
    header.put(NAMESPACE, namespace);
    this.channel =
        ClientInterceptors.intercept(connection, MetadataUtils.newAttachHeadersInterceptor(header));
  }

  /// Connects with its first call.
  static Connection to(Path socket, String namespace) {
    return to(socket, namespace, DEADLINE);
  }

  /// @param deadline of each call, with all that is done between two of its answers
  static Connection to(Path socket, String namespace, Duration deadline) {
    var threads = Thread.ofPlatform().name("containerd-", 0).daemon().factory();
    var loop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
    var connection =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioDomainSocketChannel.class)
            .withOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
            // gRPC sets it, a Unix socket does not have it, and Netty would warn of that on stderr.
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            .eventLoopGroup(loop)
            .overrideAuthority("localhost")
            .directExecutor()
            .usePlaintext()
            .build();
    return new Connection(loop, connection, namespace, deadline);
  }

  /// Asks for one answer; empty if containerd has no such thing.
  <Q extends MessageLite, A extends MessageLite> Optional<A> ask(Call<Q, A> call, Q question)
      throws TaskException, InterruptedException {
    try {
      return Optional.of(
          ClientCalls.blockingUnaryCall(channel, call.method(), options(), question));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw failure(call, e);
    }
  }

  /// Takes the answers of a stream.
  interface Listener<A> {
    void take(A answer) throws IOException;
  }

  /// Asks for a stream of answers. What the listener throws ends it.
  <Q extends MessageLite, A extends MessageLite> void listen(
      Call<Q, A> call, Q question, Listener<A> listener)
      throws TaskException, IOException, InterruptedException {
    try {
      Iterator<A> answers = stream(call, question);
      while (answers.hasNext()) {
        listener.take(answers.next());
      }
    } catch (StatusRuntimeException e) {
      throw failure(call, e);
    }
  }

  /// Asks for a stream of answers, which come as they are taken.
  <Q extends MessageLite, A extends MessageLite> Iterator<A> stream(Call<Q, A> call, Q question) {
    return ClientCalls.blockingServerStreamingCall(channel, call.method(), options(), question);
  }

  private CallOptions options() {
    return CallOptions.DEFAULT.withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static TaskException failure(Call<?, ?> call, StatusRuntimeException e)
      throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while containerd was asked");
    }
    return new TaskException(
        Code.UNAVAILABLE, "containerd's %s failed: %s".formatted(call, e.getMessage()), e);
  }

  @Override
  public void close() {
    connection.shutdownNow();
    var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS); // its thread keeps nobody alive
  }
}
