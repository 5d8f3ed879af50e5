package dev.krustlet.ttrpc;

import com.google.protobuf.StringValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/// A server with the methods that the tests need.
final class TestService implements AutoCloseable {
  static final String NAME = "test.Echo";

  final CountDownLatch entered = new CountDownLatch(1);
  final CountDownLatch interrupted = new CountDownLatch(1);
  final CountDownLatch release = new CountDownLatch(1);
  final TtrpcServer server;

  TestService(Path socket, int maxOpenCalls) throws IOException {
    this(socket, maxOpenCalls, Observer.NONE);
  }

  TestService(Path socket, int maxOpenCalls, Observer observer) throws IOException {
    server =
        TtrpcServer.builder()
            .service(service())
            .maxOpenCalls(maxOpenCalls)
            .observer(observer)
            .listen(socket);
  }

  private Service service() {
    return Service.named(NAME)
        .method("Echo", StringValue.parser(), (_, q) -> q)
        .method(
            "Metadata",
            StringValue.parser(),
            (c, q) -> StringValue.of(c.metadata(q.getValue()).orElse("none")))
        .method(
            "Refuse",
            StringValue.parser(),
            (_, q) -> {
              throw new TtrpcException(Code.NOT_FOUND, "no " + q.getValue());
            })
        .method(
            "Break",
            StringValue.parser(),
            (_, _) -> {
              throw new IllegalStateException("broken");
            })
        .method("Huge", StringValue.parser(), (_, _) -> StringValue.of("x".repeat(5 << 20)))
        .method("Hang", StringValue.parser(), (_, q) -> hang(q))
        .build();
  }

  private StringValue hang(StringValue q) throws InterruptedException {
    entered.countDown();
    try {
      release.await();
    } catch (InterruptedException e) {
      interrupted.countDown();
      throw e;
    }
    return q;
  }

  @Override
  public void close() throws IOException {
    release.countDown();
    server.close();
  }
}
