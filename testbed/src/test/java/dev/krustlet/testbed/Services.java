package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.proto.cri.v1.KeyValue;
import dev.krustlet.testbed.http.HttpConnection;
import dev.krustlet.testbed.http.HttpHead;
import dev.krustlet.testbed.pods.Pod;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;

/// Services in pods, and what their clients do.
final class Services {
  /// The example that says hello and sends back what it is sent.
  static final String WEB = "/web.wasm";

  /// Where services listen that are not told where.
  static final int PORT = 8080;

  private Services() {}

  static ContainerConfig.Builder service(String name, String file, Map<String, String> env) {
    ContainerConfig.Builder service = Pod.container(name, Guests.IMAGE, file);
    service.getLinuxBuilder().getSecurityContextBuilder().setReadonlyRootfs(true);
    env.forEach((key, value) -> service.addEnvs(variable(key, value)));
    return service;
  }

  static KeyValue variable(String key, String value) {
    return KeyValue.newBuilder().setKey(key).setValue(ByteString.copyFromUtf8(value)).build();
  }

  /// Where a service of a pod listens, once it does.
  static InetSocketAddress listening(Pod pod, int port) throws IOException, InterruptedException {
    var address = new InetSocketAddress(pod.status().getNetwork().getIp(), port);
    HttpConnection.awaitListener(address, TestPods.SOON);
    return address;
  }

  static HttpConnection connect(InetSocketAddress address) throws IOException {
    return HttpConnection.open(address, TestPods.SOON);
  }

  /// The status of the answer and its content, without the white space around it.
  static String ask(InetSocketAddress address) throws IOException {
    try (HttpConnection connection = connect(address)) {
      connection.get("/");
      HttpHead head = connection.head();
      return "%d %s".formatted(head.status(), connection.content(head)).strip();
    }
  }

  /// A request that is on its way: its first part has been sent and has come back.
  static HttpConnection echoing(InetSocketAddress address) throws IOException {
    HttpConnection connection = connect(address);
    connection.post("/echo");
    connection.chunk("one");
    assertThat(connection.head().status()).isEqualTo(200);
    assertThat(connection.nextChunk()).isEqualTo("one");
    return connection;
  }

  static void finish(HttpConnection echoing) throws IOException {
    echoing.chunk("two");
    assertThat(echoing.nextChunk()).isEqualTo("two");
    echoing.end();
    assertThat(echoing.nextChunk()).isEmpty();
    echoing.close();
  }
}
