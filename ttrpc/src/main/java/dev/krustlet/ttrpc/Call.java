package dev.krustlet.ttrpc;

import dev.krustlet.ttrpc.wire.KeyValue;
import dev.krustlet.ttrpc.wire.Request;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// One call on its virtual thread, answered exactly once: by its handler or by its deadline.
final class Call implements Runnable {
  private final Connection connection;
  private final int stream;
  private final Service.Method method;
  private final Request request;
  private final Observed.ObservedCall observed;
  private final Thread thread;
  private final AtomicBoolean answered = new AtomicBoolean();
  private @Nullable Future<?> deadline;

  Call(
      Connection connection,
      int stream,
      Service.Method method,
      Request request,
      Observed.ObservedCall observed) {
    this.connection = connection;
    this.stream = stream;
    this.method = method;
    this.request = request;
    this.observed = observed;
    this.thread = Thread.ofVirtual().name("ttrpc-" + request.getMethod()).unstarted(this);
  }

  void start(ScheduledExecutorService timer) {
    long nanos = request.getTimeoutNano();
    if (nanos > 0) {
      deadline = timer.schedule(this::expire, nanos, TimeUnit.NANOSECONDS);
    }
    thread.start();
  }

  /// What the request holds of memory, in bytes.
  int size() {
    return request.getSerializedSize();
  }

  void interrupt() {
    thread.interrupt();
  }

  @Override
  public void run() {
    try {
      var answer = method.call(context(), request.getPayload());
      if (answered.compareAndSet(false, true)) {
        observed.ended(connection.answer(stream, answer));
      }
    } catch (TtrpcException e) {
      fail(e.code(), String.valueOf(e.getMessage()));
    } catch (InterruptedException _) {
      fail(Code.CANCELLED, request.getMethod() + " was interrupted");
    } catch (RuntimeException | Error e) {
      connection.failed(e);
      fail(Code.INTERNAL, "%s failed: %s".formatted(request.getMethod(), e));
    } finally {
      if (deadline != null) {
        deadline.cancel(false);
      }
      connection.done(this);
    }
  }

  private void expire() {
    if (answered.compareAndSet(false, true)) {
      thread.interrupt();
      observed.ended(Code.DEADLINE_EXCEEDED);
      var late = request.getMethod() + " did not end in time";
      // A peer that does not read must not hold up the one thread of all deadlines.
      Thread.ofVirtual()
          .name("ttrpc-late")
          .start(() -> connection.answer(stream, Code.DEADLINE_EXCEEDED, late));
    }
  }

  private void fail(Code code, String message) {
    if (answered.compareAndSet(false, true)) {
      observed.ended(code);
      connection.answer(stream, code, message);
    }
  }

  private CallContext context() {
    Map<String, List<String>> metadata = new LinkedHashMap<>();
    for (KeyValue each : request.getMetadataList()) {
      metadata
          .computeIfAbsent(each.getKey().toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
          .add(each.getValue());
    }
    Optional<Instant> until =
        request.getTimeoutNano() > 0
            ? Optional.of(Instant.now().plusNanos(request.getTimeoutNano()))
            : Optional.empty();
    return new CallContext(Map.copyOf(metadata), until);
  }
}
