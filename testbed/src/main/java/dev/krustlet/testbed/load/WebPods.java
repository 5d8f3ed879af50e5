package dev.krustlet.testbed.load;

import com.google.protobuf.ByteString;
import dev.krustlet.proto.cri.v1.ContainerConfig;
import dev.krustlet.proto.cri.v1.KeyValue;
import dev.krustlet.testbed.ImageArchive;
import dev.krustlet.testbed.Installation;
import dev.krustlet.testbed.Programs;
import dev.krustlet.testbed.http.HttpConnection;
import dev.krustlet.testbed.pods.Kubelet;
import dev.krustlet.testbed.pods.Pod;
import dev.krustlet.testbed.pods.PodContainer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;

/// A node that has the example of a service, and pods of it.
public record WebPods(Kubelet kubelet) {
  static final Duration SOON = Duration.ofSeconds(60);

  private static final String IMAGE = "localhost/web:1";
  private static final String FILE = "web.wasm";
  private static final int PORT = 8080;
  private static final Pattern ECHO = Pattern.compile("/echo\n", Pattern.LITERAL);

  /// One of the pods.
  ///
  /// @param address where it listens
  public record WebPod(Pod pod, PodContainer container, InetSocketAddress address) {
    /// How many requests for echoes a verbose one has begun to answer: it writes a line for each.
    long accepted() throws IOException {
      return ECHO.matcher(container.log().err()).results().count();
    }
  }

  /// Gives a node the image.
  public static WebPods on(Kubelet kubelet) throws IOException, InterruptedException {
    Installation installation = kubelet.containerd().installation();
    byte[] module = Files.readAllBytes(installation.example("web"));
    kubelet.load(new ImageArchive(IMAGE).file(FILE, 0644, module));
    return new WebPods(kubelet);
  }

  /// Runs one and waits until it listens.
  public WebPod start(String name) throws IOException, InterruptedException {
    Pod pod = kubelet.run(name, "krustlet");
    return started(pod, create(pod));
  }

  /// Runs one that writes a line for each request.
  WebPod startVerbose(String name) throws IOException, InterruptedException {
    Pod pod = kubelet.run(name, "krustlet");
    var verbose = KeyValue.newBuilder().setKey("VERBOSE").setValue(ByteString.copyFromUtf8("1"));
    return started(pod, pod.create(container().addEnvs(verbose)));
  }

  private static WebPod started(Pod pod, PodContainer created)
      throws IOException, InterruptedException {
    PodContainer container = created.start();
    InetSocketAddress address = address(pod);
    HttpConnection.awaitListener(address, SOON);
    return new WebPod(pod, container, address);
  }

  /// Makes the service's container in a pod and does not start it.
  public static PodContainer create(Pod pod) throws IOException {
    return pod.create(container());
  }

  private static ContainerConfig.Builder container() {
    return Pod.container("web", IMAGE, "/" + FILE);
  }

  /// Where a pod's service is to listen.
  public static InetSocketAddress address(Pod pod) throws IOException {
    return new InetSocketAddress(pod.status().getNetwork().getIp(), PORT);
  }

  /// The one engine of all of them.
  public long engine() throws IOException {
    Set<Long> found = kubelet.bed().processes(Programs.ENGINE);
    if (found.size() != 1) {
      throw new IOException("%d engines, not one".formatted(found.size()));
    }
    return found.iterator().next();
  }
}
