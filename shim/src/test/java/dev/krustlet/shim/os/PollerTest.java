package dev.krustlet.shim.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
final class PollerTest {
  @TempDir Path directory;

  @Test
  void aCallbackRunsUntilItTakesWhatThereIs() throws IOException, InterruptedException {
    var calls = new CountDownLatch(3);
    try (var poller = Poller.start();
        var event = EventFd.create();
        var _ = poller.onReadable(event.fd(), calls::countDown)) {
      event.signal();

      assertThat(calls.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void eachDescriptorHasItsOwnCallback() throws IOException, InterruptedException {
    var second = new CompletableFuture<Long>();
    try (var poller = Poller.start();
        var one = EventFd.create();
        var two = EventFd.create();
        var _ = poller.onReadable(one.fd(), () -> second.cancel(false));
        var _ = poller.onReadable(two.fd(), () -> second.complete(drained(two)))) {
      two.signal();
      assertThat(second.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(1);
    }
  }

  @Test
  void aClosedRegistrationIsSilentAndClosingAgainIsFine() throws IOException, InterruptedException {
    var calls = new AtomicInteger();
    var other = new CountDownLatch(1);
    try (var poller = Poller.start();
        var silenced = EventFd.create();
        var event = EventFd.create()) {
      var registration = poller.onReadable(silenced.fd(), calls::incrementAndGet);
      registration.close();
      registration.close();

      silenced.signal();
      event.signal();
      try (var _ = poller.onReadable(event.fd(), other::countDown)) {
        assertThat(other.await(10, TimeUnit.SECONDS)).isTrue();
      }

      assertThat(calls).hasValue(0);
    }
  }

  @Test
  void aCallbackThatFailsDoesNotEndTheOthers() throws IOException, InterruptedException {
    var again = new CountDownLatch(2);
    try (var poller = Poller.start();
        var event = EventFd.create();
        var _ =
            poller.onReadable(
                event.fd(),
                () -> {
                  again.countDown();
                  throw new AssertionError("on purpose");
                })) {
      event.signal();

      assertThat(again.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void closingEndsTheThreadAndRefusesMore() throws IOException, InterruptedException {
    var thread = new CompletableFuture<Thread>();
    try (var event = EventFd.create()) {
      var poller = Poller.start();
      var _ = poller.onReadable(event.fd(), () -> thread.complete(Thread.currentThread()));
      event.signal();
      assertThat(thread.orTimeout(10, TimeUnit.SECONDS).join().getName()).isEqualTo("poller");

      poller.close();
      poller.close();

      assertThat(thread.join().isAlive()).isFalse();
      assertThatIOException()
          .isThrownBy(() -> poller.onReadable(event.fd(), () -> {}))
          .withMessageContaining("the poller is closed");
    }
  }

  @Test
  void closingFromACallbackEndsTheThread() throws IOException, InterruptedException {
    var thread = new CompletableFuture<Thread>();
    try (var event = EventFd.create()) {
      var poller = Poller.start();
      var _ =
          poller.onReadable(
              event.fd(),
              () -> {
                closeUnchecked(poller);
                thread.complete(Thread.currentThread());
              });
      event.signal();

      assertThat(thread.orTimeout(10, TimeUnit.SECONDS).join().join(Duration.ofSeconds(10)))
          .isTrue();
    }
  }

  @Test
  void aWriteToAWatchedFileIsToldOnceItHappened() throws IOException, InterruptedException {
    var file = Files.writeString(directory.resolve("memory.events"), "oom_kill 0");
    var told = new CountDownLatch(1);
    try (var poller = Poller.start();
        var inotify = Inotify.create()) {
      inotify.watchModify(file);
      inotify.changed();
      try (var _ = poller.onReadable(inotify.fd(), told::countDown)) {
        Files.writeString(file, "oom_kill 1");
        assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
      }
      inotify.changed();
    }
  }

  @Test
  void anEventFdCountsAndStartsAgainFromNothing() throws IOException {
    try (var event = EventFd.create()) {
      event.signal();
      event.signal();

      assertThat(event.read()).isEqualTo(2);
      assertThat(event.read()).isZero();
    }
  }

  private static long drained(EventFd event) {
    try {
      return event.read();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void closeUnchecked(Poller poller) {
    try {
      poller.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
