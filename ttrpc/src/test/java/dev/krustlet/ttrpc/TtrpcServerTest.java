package dev.krustlet.ttrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krustlet.ttrpc.wire.Request;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class TtrpcServerTest {
  @TempDir private Path directory;
  private TestService service;
  private RawPeer peer;

  @BeforeEach
  void connect() throws IOException {
    service = new TestService(directory.resolve("s"), 3);
    peer = new RawPeer(directory.resolve("s"));
  }

  @AfterEach
  void disconnect() throws IOException {
    peer.close();
    service.close();
  }

  @Test
  void aCallAndItsAnswerAreTheseBytes() throws IOException {
    // length 21, stream 1, type 1, flags 0; service 1, method 2, payload 3 = StringValue "hi"
    peer.send(
        HexFormat.of()
            .parseHex(
                "00000017"
                    + "00000001"
                    + "01"
                    + "00"
                    + "0a09746573742e4563686f"
                    + "12044563686f"
                    + "1a040a026869"));

    Frame answer = peer.frame();

    // no status; payload 2
    assertThat(HexFormat.of().formatHex(answer.encode().array()))
        .isEqualTo("00000006" + "00000001" + "02" + "00" + "12040a026869");
  }

  @Test
  void anUnknownServiceOrMethodIsUnimplementedByName() throws IOException {
    peer.call(1, RawPeer.request("test.Nope", "Echo", ""));
    var first = peer.answer().getStatus();
    peer.call(3, RawPeer.request(TestService.NAME, "Nope", ""));
    var second = peer.answer().getStatus();

    assertThat(first.getCode()).isEqualTo(12);
    assertThat(first.getMessage()).isEqualTo("service test.Nope");
    assertThat(second.getCode()).isEqualTo(12);
    assertThat(second.getMessage()).isEqualTo("method Nope");
  }

  @Test
  void evenAndRepeatedStreamsAreInvalidAndTheConnectionLives() throws IOException {
    peer.call(2, RawPeer.request(TestService.NAME, "Echo", "a"));
    assertThat(peer.status()).isEqualTo(Code.INVALID_ARGUMENT);
    peer.call(5, RawPeer.request(TestService.NAME, "Echo", "b"));
    assertThat(peer.text()).isEqualTo("b");
    peer.call(5, RawPeer.request(TestService.NAME, "Echo", "c"));
    assertThat(peer.status()).isEqualTo(Code.INVALID_ARGUMENT);
    peer.call(3, RawPeer.request(TestService.NAME, "Echo", "d"));
    assertThat(peer.status()).isEqualTo(Code.INVALID_ARGUMENT);
    peer.call(7, RawPeer.request(TestService.NAME, "Echo", "e"));
    assertThat(peer.text()).isEqualTo("e");
  }

  @Test
  void aMessageBeyondFourMebibytesIsRefusedAndTheConnectionLives() throws IOException {
    byte[] tooLarge = new byte[Frame.MAX_DATA + 1];

    peer.send(Frame.of(1, Frame.REQUEST, tooLarge));

    assertThat(peer.status()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    peer.call(3, RawPeer.request(TestService.NAME, "Echo", "alive"));
    assertThat(peer.text()).isEqualTo("alive");
  }

  @Test
  void aMessageOfExactlyTheLimitIsTaken() throws IOException {
    var request = RawPeer.request(TestService.NAME, "Metadata", "k");
    int rest = Frame.MAX_DATA - request.getSerializedSize();
    // an unknown field of five bytes of tag and length pads the message to the limit
    byte[] padding = ByteBuffer.allocate(rest).put((byte) 0x7a).array();
    int length = rest - 5;
    for (int i = 1; i < 5; i++) {
      padding[i] = (byte) (((length >>> (7 * (i - 1))) & 0x7f) | (i < 4 ? 0x80 : 0));
    }

    peer.send(
        Frame.of(
            1,
            Frame.REQUEST,
            ByteBuffer.allocate(Frame.MAX_DATA).put(request.toByteArray()).put(padding).array()));

    assertThat(peer.text()).isEqualTo("none");
  }

  @Test
  void anAnswerBeyondTheLimitIsRefused() throws IOException {
    peer.call(1, RawPeer.request(TestService.NAME, "Huge", ""));

    assertThat(peer.status()).isEqualTo(Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void anUnreadableMessageIsInternal() throws IOException {
    peer.send(Frame.of(1, Frame.REQUEST, new byte[] {(byte) 0xff, (byte) 0xff}));
    assertThat(peer.status()).isEqualTo(Code.INTERNAL);

    var badPayload =
        Request.newBuilder(RawPeer.request(TestService.NAME, "Echo", ""))
            .setPayload(com.google.protobuf.ByteString.copyFrom(new byte[] {0x0a, 0x7f}));
    peer.call(3, badPayload.build());
    assertThat(peer.status()).isEqualTo(Code.INTERNAL);
  }

  @Test
  void unknownTypesOfFrameAreIgnored() throws IOException {
    peer.send(Frame.of(1, (byte) 77, new byte[3]));
    peer.send(Frame.of(3, (byte) 3, new byte[3]));
    peer.call(5, RawPeer.request(TestService.NAME, "Echo", "on"));

    assertThat(peer.text()).isEqualTo("on");
  }

  @Test
  void aStreamIsUnimplemented() throws IOException {
    byte[] request = RawPeer.request(TestService.NAME, "Echo", "").toByteArray();
    peer.send(new Frame(1, Frame.REQUEST, Frame.REMOTE_OPEN, request, false));

    assertThat(peer.status()).isEqualTo(Code.UNIMPLEMENTED);
  }

  @Test
  void aRefusalAndABrokenHandlerAreAnswered() throws IOException {
    peer.call(1, RawPeer.request(TestService.NAME, "Refuse", "bread"));
    var refusal = peer.answer().getStatus();
    peer.call(3, RawPeer.request(TestService.NAME, "Break", ""));

    assertThat(Code.of(refusal.getCode())).isEqualTo(Code.NOT_FOUND);
    assertThat(refusal.getMessage()).isEqualTo("no bread");
    assertThat(peer.status()).isEqualTo(Code.INTERNAL);
  }

  @Test
  void aLaterCallIsAnsweredWhileAnEarlierOneHangs() throws IOException, InterruptedException {
    peer.call(1, RawPeer.request(TestService.NAME, "Hang", "slow"));
    service.entered.await();
    peer.call(3, RawPeer.request(TestService.NAME, "Echo", "quick"));

    Frame first = peer.frame();
    service.release.countDown();
    Frame second = peer.frame();

    assertThat(first.stream()).isEqualTo(3);
    assertThat(second.stream()).isEqualTo(1);
  }

  @Test
  void theCallersTimeoutEndsTheHandlerAndIsAnswered() throws IOException, InterruptedException {
    peer.call(
        1,
        Request.newBuilder(RawPeer.request(TestService.NAME, "Hang", ""))
            .setTimeoutNano(TimeUnit.MILLISECONDS.toNanos(20))
            .build());

    assertThat(peer.status()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(service.interrupted.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void openCallsAreBounded() throws Exception {
    for (int i = 0; i < 3; i++) {
      peer.call(2 * i + 1, RawPeer.request(TestService.NAME, "Hang", ""));
    }
    peer.call(7, RawPeer.request(TestService.NAME, "Echo", ""));

    assertThat(peer.status()).isEqualTo(Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void aPeerThatHangsUpInterruptsItsHandlers() throws IOException, InterruptedException {
    peer.call(1, RawPeer.request(TestService.NAME, "Hang", ""));
    service.entered.await();
    peer.close();

    assertThat(service.interrupted.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void halfAFrameCostsItsConnectionAlone() throws IOException {
    try (var bad = new RawPeer(directory.resolve("s"))) {
      bad.send(new byte[] {0, 0, 0, 9, 0, 0});
      bad.channel.shutdownOutput();

      assertThat(bad.hungUp()).isTrue();
    }
    peer.call(1, RawPeer.request(TestService.NAME, "Echo", "still here"));
    assertThat(peer.text()).isEqualTo("still here");
  }

  @Test
  void anAbsurdLengthAllocatesNothing() throws IOException {
    try (var bad = new RawPeer(directory.resolve("s"))) {
      bad.send(
          ByteBuffer.allocate(Frame.HEADER)
              .putInt(-1)
              .putInt(1)
              .put(Frame.REQUEST)
              .put((byte) 0)
              .array());
      bad.channel.shutdownOutput();

      assertThat(bad.hungUp()).isTrue();
    }
    peer.call(1, RawPeer.request(TestService.NAME, "Echo", "still here"));
    assertThat(peer.text()).isEqualTo("still here");
  }

  @Test
  void theSocketIsForItsOwnerAndGoesWithTheServer() throws IOException {
    Path socket = directory.resolve("s");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-------");

    service.close();

    assertThat(socket).doesNotExist();
    assertThat(peer.hungUp()).isTrue();
  }

  @Test
  void aPeerOfAnotherUserIsHungUpOn() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "setpriv is not installed");
    assumeTrue(System.getProperty("user.name").equals("root"), "only root can become another user");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(
        directory.resolve("s"), PosixFilePermissions.fromString("rw-rw-rw-"));
    var script =
        "import socket,sys;s=socket.socket(socket.AF_UNIX);s.connect(sys.argv[1]);s.settimeout(10);"
            + "sys.exit(42 if s.recv(1)==b'' else 1)";

    var stranger =
        new ProcessBuilder(
                "setpriv",
                "--reuid=65534",
                "--clear-groups",
                "/usr/bin/python3",
                "-c",
                script,
                directory.resolve("s").toString())
            .inheritIO()
            .start();

    assertThat(stranger.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(stranger.exitValue()).isEqualTo(42);
  }

  @Test
  void whoCameBeforeTheEndOfListeningIsServedAndTheRestGoesOn()
      throws IOException, InterruptedException {
    Path socket = directory.resolve("r");
    try (var server = TtrpcServer.builder().listen(socket)) {
      for (int i = 0; i < 50; i++) {
        try (var late = new RawPeer(socket)) { // admitted or still waiting to be
          assertThat(server.retire(() -> false)).isFalse();
          late.call(1, RawPeer.request("test.Nope", "Echo", ""));
          assertThat(late.status()).isEqualTo(Code.UNIMPLEMENTED);
        }
      }
      awaitNobody(server);
      assertThat(server.retire(() -> true)).isFalse();
      awaitNobody(server);
      assertThat(socket).exists();

      assertThat(server.retire(() -> false)).isTrue();

      assertThatThrownBy(() -> new RawPeer(socket)).isInstanceOf(IOException.class);
    }
    try (var left = Files.list(directory)) {
      assertThat(left).containsExactly(directory.resolve("s"));
    }
  }

  @Test
  void aServerWhoseSocketWasTakenAwayRetires() throws IOException, InterruptedException {
    Path socket = directory.resolve("r");
    try (var server = TtrpcServer.builder().listen(socket)) {
      Files.delete(socket);

      assertThat(server.retire(() -> true)).isFalse();
      assertThat(server.retire(() -> false)).isTrue();
    }
  }

  @Test
  void anObserverThatFailsDoesNotEndTheAdmissionOfPeers() throws IOException {
    Path socket = directory.resolve("r");
    var builder =
        TtrpcServer.builder()
            .maxConnections(1)
            .observer(
                new Observer() {
                  @Override
                  public void failed(Throwable failure) {
                    throw new IllegalStateException("on purpose", failure);
                  }
                });
    try (var server = builder.listen(socket)) {
      try (var first = new RawPeer(socket)) {
        first.call(1, RawPeer.request("test.Nope", "Echo", ""));
        assertThat(first.status()).isEqualTo(Code.UNIMPLEMENTED);
        try (var refused = new RawPeer(socket)) {
          assertThat(refused.hungUp()).isTrue();
        }
      }
      awaitNobody(server);
      try (var next = new RawPeer(socket)) {
        next.call(1, RawPeer.request("test.Nope", "Echo", ""));
        assertThat(next.status()).isEqualTo(Code.UNIMPLEMENTED);
      }
    }
  }

  private static void awaitNobody(TtrpcServer server) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (server.connections() > 0) {
      assertThat(System.nanoTime()).as("until all have left").isLessThan(deadline);
    }
  }

  @Test
  void noCarrierIsKeptByTheLookForTheNamesOfAPeer() {
    assertThat(Thread.getAllStackTraces().keySet()) // platform threads alone
        .anySatisfy(thread -> {
          assertThat(thread.getName()).isEqualTo("ttrpc-accept");
          assertThat(thread.isDaemon()).isTrue();
        });
  }
}
