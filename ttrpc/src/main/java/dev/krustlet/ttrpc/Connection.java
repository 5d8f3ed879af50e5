package dev.krustlet.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.krustlet.ttrpc.wire.Request;
import dev.krustlet.ttrpc.wire.Response;
import dev.krustlet.ttrpc.wire.Status;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The server's side of one connection: reads requests in order, answers them as they are done.
final class Connection {
  private static final int MAX_MESSAGE = 64 << 10;

  private final SocketChannel channel;
  private final Map<String, Service> services;
  private final Limits limits;
  private final ScheduledExecutorService timer;
  private final Observed observed;
  private final FrameWriter writer;
  private final Set<Call> calls = ConcurrentHashMap.newKeySet();
  private final AtomicLong requestBytes = new AtomicLong(); // of the calls that are open
  private long lastStream; // read by the connection's thread alone

  Connection(
      SocketChannel channel,
      Map<String, Service> services,
      Limits limits,
      ScheduledExecutorService timer,
      Observer observer) {
    this.channel = channel;
    this.services = services;
    this.limits = limits;
    this.timer = timer;
    this.observed = new Observed(observer);
    this.writer = new FrameWriter(channel, limits.patience());
  }

  /// Serves until the peer or we hang up.
  void serve() {
    writer.start(timer);
    try {
      var reader = new FrameReader(channel);
      for (var frame = reader.next(); frame.isPresent(); frame = reader.next()) {
        receive(frame.get());
      }
      close(null);
    } catch (IOException e) {
      close(e); // the peer is gone, or sent half a frame
    } finally {
      observed.closed(writer.cause());
    }
  }

  /// Ends the connection.
  ///
  /// @param cause the failure that ends it, if one does
  void close(@Nullable IOException cause) {
    writer.close(cause);
    calls.forEach(Call::interrupt);
  }

  /// Waits for the answers given so far to be written, but no longer than that.
  void drain(long nanos) throws InterruptedException {
    writer.drain(nanos);
  }

  private void receive(Frame frame) {
    long stream = Integer.toUnsignedLong(frame.stream());
    if (frame.oversize()) {
      refuse(
          frame,
          Code.RESOURCE_EXHAUSTED,
          "a message is larger than %d bytes".formatted(Frame.MAX_DATA));
      return;
    }
    if (frame.type() != Frame.REQUEST) {
      return; // PROTOCOL: unknown types are ignored, and we open no streams
    }
    if (stream % 2 == 0) {
      refuse(
          frame, Code.INVALID_ARGUMENT, "stream id %d of a client must be odd".formatted(stream));
    } else if (stream <= lastStream) {
      refuse(frame, Code.INVALID_ARGUMENT, "stream id %d was used before".formatted(stream));
    } else {
      lastStream = stream;
      open(frame);
    }
  }

  private void open(Frame frame) {
    if ((frame.flags() & Frame.REMOTE_OPEN) != 0) {
      refuse(frame, Code.UNIMPLEMENTED, "streams are not supported");
    } else if (calls.size() >= limits.openCalls()) {
      refuse(frame, Code.RESOURCE_EXHAUSTED, "%d calls are open".formatted(limits.openCalls()));
    } else if (requestBytes.get() + frame.data().length > limits.requestBytes()) {
      refuse(
          frame,
          Code.RESOURCE_EXHAUSTED,
          "open calls hold %d bytes of requests".formatted(requestBytes.get()));
    } else {
      try {
        dispatch(frame, Request.parseFrom(frame.data()));
      } catch (InvalidProtocolBufferException e) {
        refuse(frame, Code.INTERNAL, "cannot read the request: " + e.getMessage());
      }
    }
  }

  private void dispatch(Frame frame, Request request) {
    Service service = services.get(request.getService());
    if (service == null) {
      refuse(frame, Code.UNIMPLEMENTED, "service " + request.getService());
      return;
    }
    Optional<Service.Method> method = service.method(request.getMethod());
    if (method.isEmpty()) {
      refuse(frame, Code.UNIMPLEMENTED, "method " + request.getMethod());
      return;
    }
    var call =
        new Call(
            this,
            frame.stream(),
            method.get(),
            request,
            observed.begin(request.getService(), request.getMethod()));
    calls.add(call);
    requestBytes.addAndGet(call.size());
    call.start(timer);
  }

  void done(Call call) {
    calls.remove(call);
    requestBytes.addAndGet(-call.size());
  }

  void failed(Throwable failure) {
    observed.failed(failure);
  }

  /// Answers with that message.
  ///
  /// @return the status that the caller is told
  Code answer(int stream, MessageLite message) {
    ByteString payload = message.toByteString();
    if (payload.size() > Frame.MAX_DATA - 16) {
      answer(
          stream,
          Code.RESOURCE_EXHAUSTED,
          "the answer is larger than %d bytes".formatted(Frame.MAX_DATA));
      return Code.RESOURCE_EXHAUSTED;
    }
    send(stream, Response.newBuilder().setPayload(payload).build());
    return Code.OK;
  }

  void answer(int stream, Code code, String message) {
    var status = Status.newBuilder().setCode(code.number()).setMessage(cut(message));
    send(stream, Response.newBuilder().setStatus(status).build());
  }

  /// A sentence always fits into a frame, whatever a handler puts into it.
  private static String cut(String message) {
    return message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) + "…" : message;
  }

  private void refuse(Frame frame, Code code, String message) {
    observed.refused(code, message);
    answer(frame.stream(), code, message);
  }

  private void send(int stream, Response response) {
    try {
      writer.write(Frame.of(stream, Frame.RESPONSE, response.toByteArray()));
    } catch (IOException e) {
      close(e); // the peer is gone; the reader ends by itself
    }
  }
}
