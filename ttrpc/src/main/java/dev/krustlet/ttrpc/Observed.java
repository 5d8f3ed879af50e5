package dev.krustlet.ttrpc;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One connection as its observer sees it. An observer that throws disturbs nobody.
final class Observed {
  private static final AtomicLong LAST = new AtomicLong();

  private final Observer observer;
  private final long connection = LAST.incrementAndGet();

  Observed(Observer observer) {
    this.observer = observer;
    tell(observer, each -> each.connectionOpened(connection));
  }

  void closed(@Nullable IOException cause) {
    tell(observer, each -> each.connectionClosed(connection, cause));
  }

  void refused(Code code, String message) {
    tell(observer, each -> each.requestRefused(connection, code, message));
  }

  void failed(Throwable failure) {
    failed(observer, failure);
  }

  static void failed(Observer observer, Throwable failure) {
    tell(observer, each -> each.failed(failure));
  }

  static void connectFailed(Observer observer, IOException cause) {
    tell(observer, each -> each.connectFailed(cause));
  }

  /// Tells that a call begins.
  ObservedCall begin(String service, String method) {
    tell(observer, each -> each.callBegun(connection, service, method));
    return new ObservedCall(service, method, System.nanoTime());
  }

  /// A call that has begun.
  final class ObservedCall {
    private final String service;
    private final String method;
    private final long begin;

    private ObservedCall(String service, String method, long begin) {
      this.service = service;
      this.method = method;
      this.begin = begin;
    }

    void ended(Code code) {
      var time = Duration.ofNanos(System.nanoTime() - begin);
      tell(observer, each -> each.callEnded(connection, service, method, code, time));
    }
  }

  private static void tell(Observer observer, Consumer<Observer> what) {
    try {
      what.accept(observer);
    } catch (RuntimeException _) {
      // the one that is told of failures fails itself: nobody else is to be told
    }
  }
}
