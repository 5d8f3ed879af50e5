package dev.krustlet.ttrpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.StringValue;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// Whatever a request frame holds, a real server gives it one answer and lives on.
class RequestFuzz {
  private static final Heard HEARD = new Heard();

  @TempDir private static Path directory;
  private static TtrpcServer server;
  private static RawPeer peer;
  private static int stream = 1;

  @BeforeAll
  static void serve() throws IOException {
    server =
        TtrpcServer.builder()
            .service(Service.named("e").method("e", StringValue.parser(), (_, q) -> q).build())
            .observer(HEARD)
            .listen(directory.resolve("s"));
    peer = new RawPeer(directory.resolve("s"));
  }

  @AfterAll
  static void stop() throws IOException {
    peer.close();
    server.close();
  }

  @FuzzTest(maxDuration = "2s")
  void everyRequestGetsOneAnswer(byte[] data) throws IOException {
    peer.send(Frame.of(stream, Frame.REQUEST, data));

    Frame answer = peer.frame();

    assertThat(answer.stream()).isEqualTo(stream);
    assertThat(answer.type()).isEqualTo(Frame.RESPONSE);
    assertThat(HEARD.failures).isEmpty();
    stream += 2;
  }
}
