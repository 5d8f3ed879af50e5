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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class OrderedSenderTest {
  private static final OrderedSender.Settings QUICK =
      new OrderedSender.Settings(
          500,
          Duration.ofSeconds(5),
          3,
          Duration.ofMillis(1),
          Duration.ofMillis(20),
          Duration.ofSeconds(5));

  @TempDir private Path directory;
  private final List<String> received = Collections.synchronizedList(new ArrayList<>());
  private final List<String> losses = Collections.synchronizedList(new ArrayList<>());

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
                      received.add(q.getValue());
                      return Empty.getDefaultInstance();
                    })
                .build())
        .listen(directory.resolve("e"));
  }

  private OrderedSender sender() {
    return OrderedSender.to(directory.resolve("e"), QUICK, losses::add);
  }

  private static void send(OrderedSender sender, String text) {
    sender.send("test.Events", "Forward", StringValue.of(text), Map.of());
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

  @Test
  void aFullQueueLosesTheOldestAndSaysSo() throws IOException, InterruptedException {
    try (var sender = sender()) {
      numbers(0, 510).forEach(n -> send(sender, n));
      try (var _ = serve()) {
        assertThat(sender.flush(Duration.ofSeconds(20))).isTrue();
      }
    }
    assertThat(received).startsWith("0", "11").hasSize(500).endsWith("509");
    assertThat(losses).hasSize(10);
  }

  @Test
  void whatCannotBeDeliveredBeforeTheEndIsReported() {
    var impatient =
        new OrderedSender.Settings(
            500,
            Duration.ofSeconds(5),
            3,
            Duration.ofMillis(1),
            Duration.ofMillis(20),
            Duration.ofMillis(1));
    var sender = OrderedSender.to(directory.resolve("e"), impatient, losses::add);
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
