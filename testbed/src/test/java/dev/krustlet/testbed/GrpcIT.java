package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A service in a pod that speaks gRPC, asked by a client that is strict about trailers. No
/// containerd has a part in it.
final class GrpcIT {
  private static final String IMAGE = "localhost/grpc:1";
  private static final String CHECK = "grpc.health.v1.Health/Check";
  private static final String COUNT = "numbers.Numbers/Count";
  private static final String SUM = "numbers.Numbers/Sum";
  private static final byte[] NOTHING = {};

  @SuppressWarnings("NullAway.Init") // before all tests
  private static TestPods pods;

  private PodContainer server;
  private GrpcClient client;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    Installation installation = Installation.ofBuild().getFirst();
    pods = TestPods.start(installation);
    var guest = installation.root().resolve("engine/tests/guests/grpc/grpc.wasm");
    pods.kubelet().load(new ImageArchive(IMAGE).file("grpc.wasm", 0644, Files.readAllBytes(guest)));
  }

  @AfterAll
  static void stop() throws IOException {
    pods.close();
  }

  @BeforeEach
  void serve() throws IOException, InterruptedException {
    Pod pod = pods.kubelet().run("grpc", "krustlet", Map.of());
    server = pod.start(Pod.container("grpc", IMAGE, "/grpc.wasm"));
    client = new GrpcClient(Services.listening(pod, Services.PORT));
  }

  @AfterEach
  void noPodIsLeft() throws IOException {
    client.close();
    pods.kubelet().removePods();
    pods.assertNoPodIsLeft();
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  private void assertRefused(String method, byte[] question, Status.Code code) {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> client.ask(method, question))
        .satisfies(e -> assertThat(e.getStatus().getCode()).as(e.toString()).isEqualTo(code));
  }

  @Test
  void itsHealthIsToldAsTheKubeletAsksForIt() {
    assertThat(client.ask(CHECK, NOTHING)).isEqualTo(hex("0801"));
    var other = "\n\5other".getBytes(StandardCharsets.US_ASCII);
    assertRefused(CHECK, other, Status.Code.NOT_FOUND);
    assertRefused("grpc.health.v1.Health/None", NOTHING, Status.Code.UNIMPLEMENTED);
  }

  @Test
  void aFailureInTheHeaderAloneIsOne() {
    assertRefused("numbers.Numbers/Refuse", NOTHING, Status.Code.FAILED_PRECONDITION);
  }

  @Test
  void aThousandMessagesComeInOrderAndThenTheStatus() {
    var numbers = new ArrayList<byte[]>();
    client.stream(COUNT, hex("08e807")).forEachRemaining(numbers::add);
    assertThat(numbers).hasSize(1000);
    assertThat(numbers.getFirst()).isEqualTo(hex("0801"));
    assertThat(numbers.getLast()).isEqualTo(hex("08e807"));
  }

  @Test
  void messagesGoBothWaysAtTheSameTime() throws InterruptedException {
    var answers = new Answers();
    ClientCall<byte[], byte[]> call = client.call(SUM);
    call.start(answers, new Metadata());
    call.request(Integer.MAX_VALUE);
    for (String sum : List.of("0805", "080a", "080f")) {
      call.sendMessage(hex("0805"));
      assertThat(answers.next()).isEqualTo(sum);
    }
    call.halfClose();
    assertThat(answers.next()).isEqualTo("OK");
  }

  @Test
  void aClientThatLeavesEndsItsCallAndNothingElse() throws IOException, InterruptedException {
    var answers = new Answers();
    ClientCall<byte[], byte[]> call = client.call(COUNT);
    call.start(answers, new Metadata());
    call.request(1);
    call.sendMessage(hex("08ffffffff0f"));
    assertThat(answers.next()).isEqualTo("0801");

    call.cancel("enough", null);

    server.awaitLog(TestPods.SOON, log -> log.err().contains("/" + COUNT + ": "));
    assertThat(client.ask(CHECK, NOTHING)).isEqualTo(hex("0801"));
  }

  /// `wasi:http` has no word for HTTP/2, and without TLS nothing else tells which one a server
  /// speaks.
  @Test
  void aServerWithoutTlsCannotBeAskedByAGuest() throws IOException, InterruptedException {
    String gateway = pods.kubelet().network().gateway();
    Pod pod = pods.kubelet().run("client", "krustlet", Map.of());
    try (var other = GrpcServer.start(gateway)) {
      String url = "http://%s:%d/%s".formatted(gateway, other.port(), CHECK);
      Cluster.assertFails(pod, Cluster.fetching(url), "ErrorCode::HttpProtocolError");
    }
  }

  /// What a call has heard: messages as hexadecimal digits, and the name of the status.
  private static final class Answers extends ClientCall.Listener<byte[]> {
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @Override
    public void onMessage(byte[] message) {
      heard.add(HexFormat.of().formatHex(message));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      heard.add(status.getCode().name());
    }

    String next() throws InterruptedException {
      String next = heard.poll(Await.patiently(TestPods.SOON).toSeconds(), TimeUnit.SECONDS);
      return next == null ? "nothing" : next;
    }
  }
}
