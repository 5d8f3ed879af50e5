package dev.krustlet.ttrpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
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
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One connection to a TTRPC server. Calls may be made from any thread, many at a time.
///
/// A connection that is lost stays lost: every open and later call ends with an [IOException], and
/// the owner makes a new client.
///
/// An interrupt or a timeout ends the caller's wait and nothing else: TTRPC takes no call back.
public final class TtrpcClient implements AutoCloseable {
  private static final long FOREVER = Long.MAX_VALUE / 2; // nanoseconds

  private final SocketChannel channel;
  private final ScheduledExecutorService timer = Timers.start("ttrpc-client-deadlines");
  private final FrameWriter writer;
  private final Map<Integer, CompletableFuture<Frame>> open = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private final ReentrantLock sending = new ReentrantLock();
  private final Observed observed;

  @GuardedBy("sending")
  private int nextStream = 1;

  private TtrpcClient(SocketChannel channel, Observer observer) {
    this.channel = channel;
    this.observed = new Observed(observer);
    this.writer = new FrameWriter(channel, FrameWriter.PATIENCE);
  }

  public static TtrpcClient connect(Path socket) throws IOException {
    return connect(socket, Observer.NONE);
  }

  /// Connects to the server at that socket.
  public static TtrpcClient connect(Path socket, Observer observer) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      channel.close();
      throw new IOException("cannot connect to %s: %s".formatted(socket, e.getMessage()), e);
    }
    var client = new TtrpcClient(channel, observer);
    client.writer.start(client.timer);
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
    var call = observed.begin(service, method);
    Code code = Code.UNAVAILABLE;
    try {
      R answer = call(method, bytes, parser, options);
      code = Code.OK;
      return answer;
    } catch (TtrpcException e) {
      code = e.code();
      throw e;
    } catch (InterruptedException e) {
      code = Code.CANCELLED;
      throw e;
    } finally {
      call.ended(code);
    }
  }

  private <R> R call(String method, byte[] bytes, Parser<R> parser, CallOptions options)
      throws TtrpcException, IOException, InterruptedException {
    var answer = new CompletableFuture<Frame>();
    long end = System.nanoTime() + patience(options);
    int stream = send(bytes, answer, end, method);
    try {
      return decode(method, await(method, answer, end), parser);
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
    writer.close(null);
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

  private static long patience(CallOptions options) {
    return options.timeout().isZero() ? FOREVER : Math.min(FOREVER, options.timeout().toNanos());
  }

  /// Sends under the next id and says which it was; ids go out in the order they are given.
  @SuppressWarnings("GuardedBy") // Error Prone does not see that tryLock has taken the lock
  private int send(byte[] bytes, CompletableFuture<Frame> answer, long end, String method)
      throws TtrpcException, IOException, InterruptedException {
    if (!sending.tryLock(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      throw late(method);
    }
    int stream = nextStream;
    boolean sent = false;
    try {
      open.put(stream, answer);
      sent = writer.offer(Frame.of(stream, Frame.REQUEST, bytes), end - System.nanoTime());
    } catch (ClosedChannelException e) {
      throw new IOException(method + ": the connection is lost", e);
    } finally {
      if (sent) {
        nextStream += 2;
      } else {
        open.remove(stream);
      }
      sending.unlock();
    }
    if (!sent) {
      throw late(method);
    }
    return stream;
  }

  private static Frame await(String method, CompletableFuture<Frame> answer, long end)
      throws TtrpcException, IOException, InterruptedException {
    try {
      return answer.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new IOException("%s: the connection is lost: %s".formatted(method, e.getCause()), e);
    } catch (TimeoutException _) {
      throw late(method);
    }
  }

  private static TtrpcException late(String method) {
    return new TtrpcException(Code.DEADLINE_EXCEEDED, method + " was not answered within its time");
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
    @Nullable IOException failure = null;
    try {
      var reader = new FrameReader(channel);
      for (var frame = reader.next(); frame.isPresent(); frame = reader.next()) {
        receive(frame.get());
      }
    } catch (IOException e) {
      end = e;
      failure = e;
    }
    writer.close(failure); // first, so that no call slips in after the others were told
    lose(end);
    observed.closed(writer.cause());
  }

  private void receive(Frame frame) {
    if (frame.type() == Frame.RESPONSE) {
      var answer = open.remove(frame.stream());
      if (answer != null) { // else its caller has stopped waiting
        answer.complete(frame);
      }
    }
  }

  private void lose(IOException cause) {
    closed.complete(null);
    timer.shutdownNow();
    open.forEach((_, answer) -> answer.completeExceptionally(cause));
  }
}
