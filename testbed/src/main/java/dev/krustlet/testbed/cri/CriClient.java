package dev.krustlet.testbed.cri;

import com.google.protobuf.Message;
import dev.krustlet.testbed.Await;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Speaks CRI with a containerd, over the JDK's own Unix sockets: no native library is needed. Goes
/// on when containerd was restarted. Threads may share it.
public final class CriClient implements AutoCloseable {
  /// For a call that may start a daemon, pull nothing, and share two cores with others.
  public static final Duration DEADLINE = Duration.ofSeconds(100);

  private static final int MAX_MESSAGE = 16 << 20; // containerd's own bound

  /// gRPC asks every channel to keep its connection alive, and this one needs no telling.
  private static final Logger UNKNOWN_OPTIONS = Logger.getLogger("io.netty.bootstrap.Bootstrap");

  static {
    UNKNOWN_OPTIONS.setLevel(Level.SEVERE);
  }

  private final EventLoopGroup loop;
  private final ManagedChannel channel;

  private CriClient(EventLoopGroup loop, ManagedChannel channel) {
    this.loop = loop;
    this.channel = channel;
  }

  /// A client that connects with its first call.
  public static CriClient of(Path socket) {
    var threads = Thread.ofPlatform().name("cri-client-", 0).daemon().factory();
    var loop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
    var channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioDomainSocketChannel.class)
            .eventLoopGroup(loop)
            .overrideAuthority("localhost")
            .maxInboundMessageSize(MAX_MESSAGE)
            .usePlaintext()
            .build();
    return new CriClient(loop, channel);
  }

  /// Asks and waits for the answer. Waits for containerd as well if it does not listen yet.
  public <Q extends Message, A extends Message> A call(CriCall<Q, A> call, Q question)
      throws CriException {
    return call(call, question, DEADLINE);
  }

  /// The same with a deadline of its own.
  public <Q extends Message, A extends Message> A call(
      CriCall<Q, A> call, Q question, Duration deadline) throws CriException {
    var options =
        CallOptions.DEFAULT
            .withWaitForReady()
            .withDeadlineAfter(Await.patiently(deadline).toMillis(), TimeUnit.MILLISECONDS);
    try {
      return ClientCalls.blockingUnaryCall(channel, call.method(), options, question);
    } catch (StatusRuntimeException e) {
      throw new CriException(call.toString(), e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS); // its threads keep nobody alive
  }
}
