package dev.krustlet.ttrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class TtrpcClientTest {
  @TempDir private Path directory;
  private TestService service;
  private TtrpcClient client;

  @BeforeEach
  void connect() throws IOException {
    service = new TestService(directory.resolve("s"), 4096);
    client = TtrpcClient.connect(directory.resolve("s"));
  }

  @AfterEach
  void disconnect() throws IOException {
    client.close();
    service.close();
  }

  private String call(String method, String text, CallOptions options)
      throws IOException, InterruptedException, TtrpcException {
    return client
        .call(TestService.NAME, method, StringValue.of(text), StringValue.parser(), options)
        .getValue();
  }

  @Test
  void aThousandCallsAtOnceGetTheirOwnAnswers() throws ExecutionException, InterruptedException {
    List<Callable<String>> calls = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      String text = "call " + i;
      calls.add(() -> call("Echo", text, CallOptions.NONE));
      expected.add(text);
    }

    List<String> answers = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var answer : threads.invokeAll(calls)) {
        answers.add(answer.get());
      }
    }

    assertThat(answers).isEqualTo(expected);
  }

  @Test
  void metadataTravels() throws IOException, InterruptedException, TtrpcException {
    var options = new CallOptions(Duration.ZERO, Map.of("containerd-namespace-ttrpc", "k8s.io"));

    assertThat(call("Metadata", "containerd-namespace-ttrpc", options)).isEqualTo("k8s.io");
  }

  @Test
  void aStatusIsThrownWithItsCode() {
    assertThatThrownBy(() -> call("Refuse", "bread", CallOptions.NONE))
        .isInstanceOfSatisfying(
            TtrpcException.class, e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND))
        .hasMessage("no bread");
  }

  @Test
  void aCallThatIsNotAnsweredInTimeEnds() {
    assertThatThrownBy(() -> call("Hang", "", CallOptions.timeout(Duration.ofMillis(20))))
        .isInstanceOfSatisfying(
            TtrpcException.class, e -> assertThat(e.code()).isEqualTo(Code.DEADLINE_EXCEEDED));
  }

  @Test
  void aTooLargeRequestIsRefusedHere() {
    assertThatThrownBy(() -> call("Echo", "x".repeat(5 << 20), CallOptions.NONE))
        .isInstanceOfSatisfying(
            TtrpcException.class, e -> assertThat(e.code()).isEqualTo(Code.RESOURCE_EXHAUSTED));
  }

  @Test
  void anInterruptEndsOneCallAndLeavesTheConnectionToOthers()
      throws IOException, InterruptedException, TtrpcException {
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> call("Echo", "a", CallOptions.NONE))
        .isInstanceOf(InterruptedException.class);

    assertThat(call("Echo", "b", CallOptions.NONE)).isEqualTo("b");
  }

  @Test
  void losingTheServerEndsOpenAndLaterCalls()
      throws ExecutionException, IOException, InterruptedException, TimeoutException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var open = threads.submit(() -> call("Hang", "", CallOptions.NONE));
      service.entered.await();
      service.server.close();

      assertThatThrownBy(() -> open.get(10, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(IOException.class);
    }
    client.onClose().get(10, TimeUnit.SECONDS);
    assertThat(client.closed()).isTrue();
    assertThatThrownBy(() -> call("Echo", "", CallOptions.NONE)).isInstanceOf(IOException.class);
  }

  @Test
  void aMissingSocketIsNamed() {
    assertThatThrownBy(() -> TtrpcClient.connect(directory.resolve("none")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(directory.resolve("none").toString());
  }
}
