package dev.krustlet.shim.containerd;

import com.google.protobuf.ByteString;
import dev.krustlet.proto.services.containers.Container;
import dev.krustlet.proto.services.containers.GetContainerResponse;
import dev.krustlet.proto.services.content.ReadContentResponse;
import dev.krustlet.proto.services.images.GetImageResponse;
import dev.krustlet.proto.services.images.Image;
import dev.krustlet.proto.types.Descriptor;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Containers, images and blobs behind a real socket. Blobs are sent in small pieces.
public final class FakeContainerd implements AutoCloseable {
  private static final int PIECE = 97;

  public final Map<String, String> containers = new ConcurrentHashMap<>();
  public final Map<String, String> images = new ConcurrentHashMap<>();
  public final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Server server;

  /// @param namespace outside of which there is nothing
  public FakeContainerd(Path socket, String namespace) throws IOException {
    server =
        NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .directExecutor()
            .addService(in(namespace, containers()))
            .addService(in(namespace, images()))
            .addService(in(namespace, content()))
            .build()
            .start();
  }

  /// Keeps a blob.
  ///
  /// @return its digest
  String keep(String blob) {
    return keep(blob.getBytes(StandardCharsets.UTF_8));
  }

  /// Keeps a blob.
  ///
  /// @return its digest
  public String keep(byte[] bytes) {
    String digest = "sha256:" + HexFormat.of().formatHex(sha256(bytes));
    blobs.put(digest, bytes);
    return digest;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private ServerServiceDefinition containers() {
    return ServerServiceDefinition.builder("containerd.services.containers.v1.Containers")
        .addMethod(
            Call.CONTAINER.method(),
            ServerCalls.asyncUnaryCall((question, observer) ->
                answer(
                    observer,
                    containers.get(question.getId()),
                    image ->
                        GetContainerResponse.newBuilder()
                            .setContainer(Container.newBuilder().setImage(image))
                            .build())))
        .build();
  }

  private ServerServiceDefinition images() {
    return ServerServiceDefinition.builder("containerd.services.images.v1.Images")
        .addMethod(
            Call.IMAGE.method(),
            ServerCalls.asyncUnaryCall((question, observer) ->
                answer(
                    observer,
                    images.get(question.getName()),
                    digest ->
                        GetImageResponse.newBuilder()
                            .setImage(
                                Image.newBuilder()
                                    .setTarget(Descriptor.newBuilder().setDigest(digest)))
                            .build())))
        .build();
  }

  private ServerServiceDefinition content() {
    return ServerServiceDefinition.builder("containerd.services.content.v1.Content")
        .addMethod(
            Call.READ.method(),
            ServerCalls.asyncServerStreamingCall((question, observer) ->
                read(Optional.ofNullable(blobs.get(question.getDigest())), observer)))
        .build();
  }

  private static void read(Optional<byte[]> blob, StreamObserver<ReadContentResponse> observer) {
    if (blob.isEmpty()) {
      observer.onError(Status.NOT_FOUND.asRuntimeException());
      return;
    }
    var bytes = ByteString.copyFrom(blob.get());
    for (int at = 0; at < bytes.size(); at += PIECE) {
      var piece = bytes.substring(at, Math.min(at + PIECE, bytes.size()));
      observer.onNext(ReadContentResponse.newBuilder().setOffset(at).setData(piece).build());
    }
    observer.onCompleted();
  }

  private static <A> void answer(
      StreamObserver<A> observer, @Nullable String found, Function<String, A> answer) {
    if (found == null) {
      observer.onError(Status.NOT_FOUND.asRuntimeException());
    } else {
      observer.onNext(answer.apply(found));
      observer.onCompleted();
    }
  }

  private static ServerServiceDefinition in(String namespace, ServerServiceDefinition service) {
    return ServerInterceptors.intercept(service, new Namespaced(namespace));
  }

  private record Namespaced(String namespace) implements ServerInterceptor {
    private static final Metadata.Key<String> HEADER =
        Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      if (!namespace.equals(headers.get(HEADER))) {
        call.close(Status.FAILED_PRECONDITION.withDescription("no namespace"), new Metadata());
        return new ServerCall.Listener<>() {};
      }
      return next.startCall(call, headers);
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
    var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
