package dev.krustlet.ttrpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Empty;
import com.google.protobuf.StringValue;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class OrderedSenderTest {
  private static final long BOUND = 1 << 20;
  private static final OrderedSender.Kind LASTING = new OrderedSender.Kind("ends", true);
  private static final OrderedSender.Kind EXPENDABLE = new OrderedSender.Kind("starts", false);

  private static final OrderedSender.Settings QUICK =
      new OrderedSender.Settings(
          BOUND,
          Duration.ofSeconds(5),
          3,
          Duration.ofMillis(1),
          Duration.ofMillis(20),
          Duration.ofSeconds(5));

  @TempDir private Path directory;
  private final List<String> received = Collections.synchronizedList(new ArrayList<>());
  private final List<String> losses = Collections.synchronizedList(new ArrayList<>());

  private final AtomicInteger away = new AtomicInteger();
  private volatile Code awayCode = Code.OK;

  private TtrpcServer serve() throws IOException {
    return TtrpcServer.builder()
        .service(
            Service.named("test.Events")
                .method(
                    "Forward",
                    StringValue.parser(),
                    (_, q) -> {
                      if (q.getValue().equals("refused")) {
                        throw new TtrpcException(Code.INTERNAL, "no thanks");
                      }
                      if (away.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                        throw new TtrpcException(awayCode, "not now");
                      }
                      received.add(q.getValue());
                      return Empty.getDefaultInstance();
                    })
                .build())
        .listen(directory.resolve("e"));
  }

  private OrderedSender sender() {
    return OrderedSender.to(directory.resolve("e"), QUICK, losses::add, Observer.NONE);
  }

  private static void send(OrderedSender sender, String text) {
    send(sender, text, LASTING);
  }

  private static void send(OrderedSender sender, String text, OrderedSender.Kind kind) {
    sender.send("test.Events", "Forward", StringValue.of(text), Map.of(), kind);
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }

  @Test
  void orderIsKeptAndNothingLostAcrossARestartOfTheServer()
      throws IOException, InterruptedException {
    try (var sender = sender()) {
      try (var _ = serve()) {
        numbers(0, 200).forEach(n -> send(sender, n));
        assertThat(sender.flush(Duration.ofSeconds(20))).isTrue();
      }
      numbers(200, 400).forEach(n -> send(sender, n));
      assertThat(sender.flush(Duration.ofMillis(50))).isFalse();
      try (var _ = serve()) {
        assertThat(sender.flush(Duration.ofSeconds(20))).isTrue();
      }
    }
    assertThat(received).isEqualTo(numbers(0, 400));
    assertThat(losses).isEmpty();
  }

  /// A message of a fiftieth of the bound, less what it costs beside its text.
  private static String large(String name) {
    return name + "x".repeat((int) BOUND / 50 - 1000);
  }

  private List<String> names() {
    return received.stream().map(each -> each.replace("x", "")).toList();
  }

  @Test
  void aFullQueueLosesTheOldestOfWhatIsExpendableAndSaysSoOnce()
      throws IOException, InterruptedException {
    try (var sender = sender()) {
      send(sender, "head");
      numbers(0, 30).forEach(n -> send(sender, large("start" + n), EXPENDABLE));
      numbers(0, 30).forEach(n -> send(sender, large("end" + n), LASTING));
      try (var _ = serve()) {
        assertThat(sender.flush(Duration.ofSeconds(20))).isTrue();
      }
    }
    assertThat(names()).startsWith("head", "start9", "start10").endsWith("end29").hasSize(52);
    assertThat(names()).containsSubsequence(numbers(0, 30).stream().map(n -> "end" + n).toList());
    assertThat(losses).hasSize(2);
    assertThat(losses.getFirst()).contains("is away", "dropped");
    assertThat(losses.getLast()).endsWith(" 9 starts");
  }

  @Test
  void whatLastsIsDroppedWhenNothingElseIsLeft() throws IOException, InterruptedException {
    try (var sender = sender()) {
      send(sender, "head");
      numbers(0, 10).forEach(n -> send(sender, large("start" + n), EXPENDABLE));
      numbers(0, 60).forEach(n -> send(sender, large("end" + n), LASTING));
      try (var _ = serve()) {
        assertThat(sender.flush(Duration.ofSeconds(20))).isTrue();
      }
    }
    assertThat(names()).startsWith("head", "end9", "end10").endsWith("end59").hasSize(52);
    assertThat(losses.getLast()).endsWith(" 9 ends, 10 starts");
  }

  @Test
  void aServerThatIsLateOrUnavailableIsAwayAndLosesNothing()
      throws IOException, InterruptedException {
    for (Code code : List.of(Code.DEADLINE_EXCEEDED, Code.UNAVAILABLE)) {
      away.set(10);
      awayCode = code;
      try (var _ = serve();
          var sender = sender()) {
        send(sender, code.name());
        assertThat(sender.flush(Duration.ofSeconds(20))).isTrue();
      }
    }
    assertThat(received).containsExactly("DEADLINE_EXCEEDED", "UNAVAILABLE");
    assertThat(losses).isEmpty();
  }

  @Test
  void whatCannotBeDeliveredBeforeTheEndIsReported() {
    var impatient =
        new OrderedSender.Settings(
            BOUND,
            Duration.ofSeconds(5),
            3,
            Duration.ofMillis(1),
            Duration.ofMillis(20),
            Duration.ofMillis(1));
    var sender = OrderedSender.to(directory.resolve("e"), impatient, losses::add, Observer.NONE);
    send(sender, "a");
    send(sender, "b");

    sender.close();
    send(sender, "c");

    assertThat(losses).hasSize(2);
    assertThat(losses.getFirst()).contains("last 2 messages");
    assertThat(losses.getLast()).contains("closed");
  }

  @Test
  void aMessageThatIsRefusedForGoodDoesNotHoldUpTheRest() throws IOException, InterruptedException {
    try (var _ = serve();
        var sender = sender()) {
      send(sender, "a");
      send(sender, "refused");
      send(sender, "b");

      assertThat(sender.flush(Duration.ofSeconds(20))).isTrue();
    }
    assertThat(received).containsExactly("a", "b");
    assertThat(losses).singleElement().asString().contains("no thanks");
  }
}
