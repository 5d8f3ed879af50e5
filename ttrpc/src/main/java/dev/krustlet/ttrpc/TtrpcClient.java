package dev.krustlet.ttrpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.krustlet.ttrpc.wire.KeyValue;
import dev.krustlet.ttrpc.wire.Request;
import dev.krustlet.ttrpc.wire.Response;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One connection to a TTRPC server. Calls may be made from any thread, many at a time.
///
/// A connection that is lost stays lost: every open and later call ends with an [IOException], and
/// the owner makes a new client.
public final class TtrpcClient implements AutoCloseable {
  private final SocketChannel channel;
  private final ScheduledExecutorService timer = Timers.start("ttrpc-client-deadlines");
  private final FrameWriter writer;
  private final Map<Integer, CompletableFuture<Frame>> open = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private int nextStream = 1; // under the writer's lock, so that ids go out in order

  private TtrpcClient(SocketChannel channel) {
    this.channel = channel;
    this.writer = new FrameWriter(channel, timer);
  }

  public static TtrpcClient connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      channel.close();
      throw new IOException("cannot connect to %s: %s".formatted(socket, e.getMessage()), e);
    }
    var client = new TtrpcClient(channel);
    Thread.ofVirtual().name("ttrpc-client").start(client::receive);
    return client;
  }

  /// Calls and waits for the answer.
  ///
  /// @throws TtrpcException the status that the server answered, or `DEADLINE_EXCEEDED`
  /// @throws IOException when the connection is lost
  public <R extends MessageLite> R call(
      String service, String method, MessageLite request, Parser<R> parser, CallOptions options)
      throws TtrpcException, IOException, InterruptedException {
    byte[] bytes = encode(service, method, request, options);
    var answer = new CompletableFuture<Frame>();
    int stream = send(bytes, answer);
    try {
      return decode(method, await(method, answer, options), parser);
    } finally {
      open.remove(stream);
    }
  }

  public boolean closed() {
    return closed.isDone();
  }

  /// Completes when the connection is lost or closed.
  public CompletableFuture<Void> onClose() {
    return closed.copy();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException _) {
      // nothing is buffered, so nothing is lost
    }
    lose(new IOException("the connection was closed"));
  }

  private static byte[] encode(
      String service, String method, MessageLite request, CallOptions options)
      throws TtrpcException {
    var wire =
        Request.newBuilder()
            .setService(service)
            .setMethod(method)
            .setPayload(request.toByteString())
            .setTimeoutNano(options.timeout().toNanos());
    options
        .metadata()
        .forEach((k, v) -> wire.addMetadata(KeyValue.newBuilder().setKey(k).setValue(v)));
    byte[] bytes = wire.build().toByteArray();
    if (bytes.length > Frame.MAX_DATA) {
      throw new TtrpcException(
          Code.RESOURCE_EXHAUSTED,
          "the request of %s is larger than %d bytes".formatted(method, Frame.MAX_DATA));
    }
    return bytes;
  }

  private int send(byte[] bytes, CompletableFuture<Frame> answer) throws IOException {
    int stream;
    writer.lock().lock();
    try {
      stream = nextStream;
      nextStream += 2;
      open.put(stream, answer);
      writer.write(Frame.of(stream, Frame.REQUEST, bytes));
    } catch (IOException e) {
      close();
      throw new IOException("the connection is lost: " + e.getMessage(), e);
    } finally {
      writer.lock().unlock();
    }
    if (closed()) {
      answer.completeExceptionally(new IOException("the connection is lost"));
    }
    return stream;
  }

  private static Frame await(String method, CompletableFuture<Frame> answer, CallOptions options)
      throws TtrpcException, IOException, InterruptedException {
    try {
      return options.timeout().isZero()
          ? answer.get()
          : answer.get(options.timeout().toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new IOException("%s: the connection is lost: %s".formatted(method, e.getCause()), e);
    } catch (TimeoutException e) {
      throw new TtrpcException(
          Code.DEADLINE_EXCEEDED,
          "%s was not answered within %s".formatted(method, options.timeout()),
          e);
    }
  }

  private static <R> R decode(String method, Frame frame, Parser<R> parser) throws TtrpcException {
    if (frame.oversize()) {
      throw new TtrpcException(
          Code.RESOURCE_EXHAUSTED, "the answer to %s is too large".formatted(method));
    }
    try {
      Response response = Response.parseFrom(frame.data());
      if (response.hasStatus() && response.getStatus().getCode() != Code.OK.number()) {
        throw new TtrpcException(
            Code.of(response.getStatus().getCode()), response.getStatus().getMessage());
      }
      return parser.parseFrom(response.getPayload());
    } catch (InvalidProtocolBufferException e) {
      throw new TtrpcException(Code.INTERNAL, "cannot read the answer to " + method, e);
    }
  }

  private void receive() {
    IOException end = new EOFException("the server closed the connection");
    try {
      var reader = new FrameReader(channel);
      for (var frame = reader.next(); frame.isPresent(); frame = reader.next()) {
        var answer = open.remove(frame.get().stream());
        if (answer != null) { // else its caller has stopped waiting
          answer.complete(frame.get());
        }
      }
    } catch (IOException e) {
      end = e;
    }
    lose(end);
    close();
  }

  private void lose(IOException cause) {
    closed.complete(null);
    timer.shutdownNow();
    open.forEach((_, answer) -> answer.completeExceptionally(cause));
  }
}
