package dev.krustlet.ttrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.StringValue;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ObserverTest {
  private static final StringValue TEXT = StringValue.of("text");

  @TempDir Path directory;
  private final Heard heard = new Heard();
  private TestService service;

  @BeforeEach
  void serve() throws IOException {
    service = new TestService(directory.resolve("s"), 2, heard);
  }

  @AfterEach
  void stop() throws IOException {
    service.close();
  }

  private RawPeer peer() throws IOException {
    return new RawPeer(directory.resolve("s"));
  }

  @Test
  void aServersCallsHaveAnEndEach() throws IOException, InterruptedException {
    try (var peer = peer()) {
      peer.call(1, RawPeer.request(TestService.NAME, "Echo", "text"));
      assertThat(heard.next(3))
          .containsExactly("1 opened", "1 test.Echo/Echo begun", "1 test.Echo/Echo OK");
      assertThat(peer.text()).isEqualTo("text");
      peer.call(3, RawPeer.request(TestService.NAME, "Refuse", "text"));
      assertThat(heard.next(2))
          .containsExactly("1 test.Echo/Refuse begun", "1 test.Echo/Refuse NOT_FOUND");
      assertThat(peer.status()).isEqualTo(Code.NOT_FOUND);
      peer.call(5, RawPeer.request(TestService.NAME, "Huge", "text"));
      assertThat(heard.next(2))
          .containsExactly("1 test.Echo/Huge begun", "1 test.Echo/Huge RESOURCE_EXHAUSTED");
      assertThat(peer.status()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      peer.call(7, RawPeer.request(TestService.NAME, "Break", "text"));
      assertThat(heard.next(2))
          .containsExactly("1 test.Echo/Break begun", "1 test.Echo/Break INTERNAL");
      assertThat(peer.status()).isEqualTo(Code.INTERNAL);
      assertThat(heard.failures).singleElement().isInstanceOf(IllegalStateException.class);
    }
    assertThat(heard.next()).isEqualTo("1 closed");
  }

  @Test
  void aCallThatIsLateEndsOnce() throws IOException, InterruptedException {
    try (var peer = peer()) {
      var request = RawPeer.request(TestService.NAME, "Hang", "").toBuilder().setTimeoutNano(1000);
      peer.call(1, request.build());
      assertThat(heard.next(3))
          .containsExactly(
              "1 opened", "1 test.Echo/Hang begun", "1 test.Echo/Hang DEADLINE_EXCEEDED");
      assertThat(peer.status()).isEqualTo(Code.DEADLINE_EXCEEDED);
    }
    assertThat(heard.next()).isEqualTo("1 closed");
  }

  @Test
  void aRequestThatIsNoCallIsToldAsRefused() throws IOException, InterruptedException {
    try (var peer = peer()) {
      peer.call(1, RawPeer.request("test.Nope", "Echo", ""));
      peer.call(3, RawPeer.request(TestService.NAME, "Nope", ""));
      assertThat(heard.next(3))
          .containsExactly(
              "1 opened",
              "1 refused UNIMPLEMENTED: service test.Nope",
              "1 refused UNIMPLEMENTED: method Nope");
    }
  }

  @Test
  void aConnectionThatIsCutInAMessageHasACause() throws IOException, InterruptedException {
    try (var peer = peer()) {
      peer.send(new byte[] {0, 0, 0});
    }
    assertThat(heard.next(2))
        .containsExactly("1 opened", "1 closed: the stream ends inside a frame");
  }

  @Test
  void aConnectionThatTheServerClosesHasNone() throws IOException, InterruptedException {
    try (var _ = peer()) {
      assertThat(heard.next()).isEqualTo("1 opened");
      service.close();
      assertThat(heard.next()).isEqualTo("1 closed");
    }
  }

  @Test
  void aClientTellsWhatItsCallsAreTold() throws IOException, InterruptedException, TtrpcException {
    var ours = new Heard();
    try (var client = TtrpcClient.connect(directory.resolve("s"), ours)) {
      client.call(TestService.NAME, "Echo", TEXT, StringValue.parser(), CallOptions.NONE);
      assertThatExceptionOfType(TtrpcException.class)
          .isThrownBy(() ->
              client.call(
                  TestService.NAME, "Refuse", TEXT, StringValue.parser(), CallOptions.NONE));
      assertThatExceptionOfType(TtrpcException.class)
          .isThrownBy(() ->
              client.call(
                  TestService.NAME,
                  "Hang",
                  TEXT,
                  StringValue.parser(),
                  CallOptions.timeout(Duration.ofMillis(1))));
    }
    assertThat(ours.next(8))
        .containsExactly(
            "1 opened",
            "1 test.Echo/Echo begun",
            "1 test.Echo/Echo OK",
            "1 test.Echo/Refuse begun",
            "1 test.Echo/Refuse NOT_FOUND",
            "1 test.Echo/Hang begun",
            "1 test.Echo/Hang DEADLINE_EXCEEDED",
            "1 closed");
  }

  /// All of its methods throw, and calls are answered nevertheless.
  @Test
  void anObserverThatFailsDisturbsNobody()
      throws IOException, TtrpcException, InterruptedException {
    Path socket = directory.resolve("t");
    try (var _ = new TestService(socket, 2, new Failing());
        var client = TtrpcClient.connect(socket, new Failing())) {
      var answer =
          client.call(TestService.NAME, "Echo", TEXT, StringValue.parser(), CallOptions.NONE);
      assertThat(answer).isEqualTo(TEXT);
    }
  }

  private static final class Failing implements Observer {
    @Override
    public void connectionOpened(long connection) {
      throw new IllegalStateException("on purpose");
    }

    @Override
    public void callBegun(long connection, String service, String method) {
      throw new IllegalStateException("on purpose");
    }

    @Override
    public void callEnded(
        long connection, String service, String method, Code code, Duration time) {
      throw new IllegalStateException("on purpose");
    }
  }
}
