package dev.krustlet.testbed;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The name server of a cluster in small: at one address of the node among its pods it answers for
/// the names that it was told, denies that there are others, and remembers what it was asked.
final class NameServer implements AutoCloseable {
  private static final int PORT = 53; // resolv.conf has no word for another
  private static final int MAX_QUESTION = 512;
  private static final int HEAD = 12;
  private static final int A = 1;
  private static final int ANSWER = 0x8580; // authoritative; recursion desired and available
  private static final int NO_SUCH_NAME = 3;
  private static final int NAME_OF_QUESTION = 0xc000 | HEAD;

  private final DatagramSocket socket;
  private final Map<String, InetAddress> names = new ConcurrentHashMap<>();
  private final Set<String> asked = ConcurrentHashMap.newKeySet();

  private NameServer(DatagramSocket socket) {
    this.socket = socket;
  }

  static NameServer start(String address) throws IOException {
    var server = new NameServer(new DatagramSocket(new InetSocketAddress(address, PORT)));
    Thread.ofPlatform().name("name-server").daemon().start(server::serve);
    return server;
  }

  /// From now on the name has that address.
  void tell(String name, String address) throws IOException {
    names.put(name, InetAddress.getByName(address));
  }

  /// What a name means that it was told.
  String address(String name) {
    return Objects.requireNonNull(names.get(name), name).getHostAddress();
  }

  /// The names that it was asked for, whatever it answered.
  Set<String> asked() {
    return Set.copyOf(asked);
  }

  private void serve() {
    var packet = new DatagramPacket(new byte[MAX_QUESTION], MAX_QUESTION);
    while (!socket.isClosed()) {
      try {
        packet.setLength(MAX_QUESTION);
        socket.receive(packet);
        byte[] answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()));
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      } catch (SocketException _) {
        return; // closed
      } catch (IOException | BufferUnderflowException e) {
        System.err.println("name server: " + e);
      }
    }
  }

  /// The question as it came, and an address if that is what it asks for.
  private byte[] answer(byte[] packet) {
    var question = ByteBuffer.wrap(packet);
    short id = question.getShort();
    question.position(HEAD);
    String name = name(question);
    int type = question.getShort();
    int end = question.position() + Short.BYTES; // of its class, after which come options
    asked.add(name);
    Optional<InetAddress> known = Optional.ofNullable(names.get(name));
    var found = known.filter(_ -> type == A).map(InetAddress::getAddress);
    var answer = ByteBuffer.allocate(end + 16);
    answer.putShort(id).putShort((short) (ANSWER | (known.isPresent() ? 0 : NO_SUCH_NAME)));
    answer.putShort((short) 1).putShort((short) (found.isPresent() ? 1 : 0)).putInt(0);
    answer.put(packet, HEAD, end - HEAD);
    found.ifPresent(bytes -> {
      answer.putShort((short) NAME_OF_QUESTION).putShort((short) A).putShort((short) 1);
      answer.putInt(0).putShort((short) bytes.length).put(bytes); // not to be kept
    });
    return Arrays.copyOf(answer.array(), answer.position());
  }

  private static String name(ByteBuffer question) {
    var name = new StringBuilder();
    for (int length = question.get(); length > 0; length = question.get()) {
      byte[] label = new byte[length];
      question.get(label);
      name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
    }
    return name.toString().toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() {
    socket.close();
  }
}
