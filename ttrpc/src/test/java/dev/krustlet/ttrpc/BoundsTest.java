package dev.krustlet.ttrpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.krustlet.ttrpc.wire.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What one peer can cost the others: nothing.
@Timeout(60)
class BoundsTest {
  private static final String NAME = "test.Bounds";
  private static final int BIG = 1 << 20;

  @TempDir private Path directory;
  private final Heard heard = new Heard();
  private final CountDownLatch release = new CountDownLatch(1);
  private final CountDownLatch entered = new CountDownLatch(1);
  private final Service service =
      Service.named(NAME)
          .method("Echo", StringValue.parser(), (_, q) -> q)
          .method("Big", StringValue.parser(), (_, _) -> StringValue.of("x".repeat(BIG)))
          .method("Hang", StringValue.parser(), (_, q) -> hang(q))
          .build();

  @AfterEach
  void letGo() {
    release.countDown();
  }

  @Test
  void aPeerThatNeverReadsIsHungUpOnAndDeadlinesOfOthersHold() throws IOException {
    try (var _ = builder().patience(Duration.ofMillis(400)).listen(socket());
        var deaf = new RawPeer(socket());
        var other = new RawPeer(socket())) {
      // Far more answers than the outgoing queue and the kernel take; some of them deadlines.
      for (int i = 0; i < 64; i++) {
        deaf.call(2 * i + 1, call("Big"));
      }
      for (int i = 64; i < 128; i++) {
        deaf.call(2 * i + 1, call("Hang").toBuilder().setTimeoutNano(1).build());
      }

      other.call(1, call("Hang").toBuilder().setTimeoutNano(1).build());
      assertThat(other.status()).isEqualTo(Code.DEADLINE_EXCEEDED);
      assertThat(endOf(deaf)).isLessThan(128);
      other.call(3, call("Echo"));
      assertThat(other.text()).isEqualTo("text");
    }
  }

  @Test
  void connectionsBeyondTheBoundAreHungUpOnAndRoomIsGivenBack()
      throws IOException, InterruptedException {
    try (var server = builder().maxConnections(1).listen(socket())) {
      try (var first = new RawPeer(socket());
          var second = new RawPeer(socket())) {
        first.call(1, call("Echo"));
        assertThat(first.text()).isEqualTo("text");
        assertThat(second.hungUp()).isTrue();
      }
      assertThat(heard.failures.poll(30, TimeUnit.SECONDS)).hasMessageContaining("refused");
      while (server.connections() > 0) {
        Thread.onSpinWait(); // ends with the test's timeout
      }
      try (var third = new RawPeer(socket())) {
        third.call(1, call("Echo"));
        assertThat(third.text()).isEqualTo("text");
      }
    }
  }

  @Test
  void requestsOfOpenCallsAreBoundedInBytes() throws IOException, InterruptedException {
    try (var _ = builder().maxRequestBytes(1000).listen(socket());
        var peer = new RawPeer(socket())) {
      peer.call(1, RawPeer.request(NAME, "Hang", "x".repeat(900)));
      entered.await();

      peer.call(3, RawPeer.request(NAME, "Echo", "x".repeat(900)));
      assertThat(peer.status()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      peer.call(5, call("Echo"));
      assertThat(peer.text()).isEqualTo("text");
    }
  }

  @Test
  void aFloodOfCallsIsAnsweredCallByCall() throws IOException, InterruptedException {
    int calls = 20_000;
    try (var _ = builder().maxOpenCalls(16).listen(socket());
        var peer = new RawPeer(socket())) {
      var flood = Thread.ofVirtual().name("flood").start(() -> send(peer, calls));
      int served = 0;
      for (int i = 0; i < calls; i++) {
        var status = peer.answer().getStatus();
        assertThat(Code.of(status.getCode())).isIn(Code.OK, Code.RESOURCE_EXHAUSTED);
        served += status.getCode() == 0 ? 1 : 0;
      }
      flood.join();
      assertThat(served).isPositive();
    }
  }

  @Test
  void aSocketThatTookTheNameSurvivesTheEndOfTheServer() throws IOException {
    var first = builder().listen(socket());
    Files.delete(socket());
    try (var _ = builder().listen(socket());
        var peer = new RawPeer(socket())) {
      first.close();

      assertThat(socket()).exists();
      peer.call(1, call("Echo"));
      assertThat(peer.text()).isEqualTo("text");
    }
  }

  private TtrpcServer.Builder builder() {
    return TtrpcServer.builder().service(service).observer(heard);
  }

  private Path socket() {
    return directory.resolve("s");
  }

  private static Request call(String method) {
    return RawPeer.request(NAME, method, "text");
  }

  private StringValue hang(StringValue q) throws InterruptedException {
    entered.countDown();
    release.await();
    return q;
  }

  private static void send(RawPeer peer, int calls) {
    try {
      for (int i = 0; i < calls; i++) {
        peer.call(2 * i + 1, call("Echo"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// How many answers were to be had before the end. It is looked for only once the server has hung
  /// up: a write fails then.
  private static int endOf(RawPeer deaf) {
    int stream = 1001;
    try {
      while (true) {
        deaf.call(stream, call("Echo"));
        stream += 2;
      }
    } catch (IOException _) {
      // hung up
    }
    int answers = 0;
    try {
      while (!deaf.hungUp()) {
        answers++;
      }
    } catch (IOException _) {
      // as good
    }
    return answers;
  }
}
