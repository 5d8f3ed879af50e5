package dev.krustlet.testbed.cluster;

import dev.krustlet.testbed.Guests;
import dev.krustlet.testbed.ImageArchive;
import dev.krustlet.testbed.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestWatcher;

/// A namespace for each test. Afterwards it is deleted, and nothing of its pods may be left: no
/// object, no bundle, no mount. Of a test that fails, the cluster's view goes into the failure.
final class OwnNamespace
    implements BeforeEachCallback, AfterEachCallback, TestExecutionExceptionHandler, TestWatcher {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final ClusterNode NODE = ClusterNode.ofRun();

  @SuppressWarnings("NullAway.Init") // before each test
  private Kubectl kubectl;

  private Set<String> others = Set.of();

  private Instant begun = Instant.now();

  @Override
  public void beforeEach(ExtensionContext context) throws IOException, InterruptedException {
    begun = Instant.now();
    loadGuests(context);
    String name = "case-%d-%d".formatted(ProcessHandle.current().pid(), COUNT.incrementAndGet());
    kubectl = new Kubectl(NODE, name);
    others = traces();
    kubectl.call("create", "namespace", name);
    kubectl.call("wait", "serviceaccount/default", "--for=create", "--timeout=60s");
  }

  /// Once for all tests of the run.
  private static void loadGuests(ExtensionContext context)
      throws IOException, InterruptedException {
    var store = context.getRoot().getStore(ExtensionContext.Namespace.create(OwnNamespace.class));
    if (store.get("guests") == null) {
      NODE.load(guests());
      store.put("guests", Guests.IMAGE);
    }
  }

  private static ImageArchive guests() throws IOException {
    ImageArchive image = Guests.image(Installation.under(NODE.path()));
    CaseTexts.addTo(image);
    // `kubectl cp` looks for it by this name
    return image.link("bin/tar", "busybox");
  }

  ClusterNode node() {
    return NODE;
  }

  Kubectl kubectl() {
    return kubectl;
  }

  String name() {
    return kubectl.namespace();
  }

  /// A directory of the node that everybody may write to, for volumes that outlive their pod.
  Path directory() throws IOException {
    Path directory = Files.createDirectories(NODE.path().resolve("volumes").resolve(name()));
    return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    String pods = kubectl.ask("describe", "pods").out();
    String logs = kubectl.ask("logs", "--selector", "case", "--all-containers", "--prefix").out();
    failure.addSuppressed(new AssertionError("the pods of this case:\n" + pods + logs));
    throw failure;
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException, InterruptedException {
    for (String controllers : new String[] {"all", "cronjobs,pods,persistentvolumeclaims"}) {
      kubectl.call("delete", controllers, "--all", "--timeout=60s");
    }
    kubectl.call("delete", "persistentvolumes", "--selector", "case=" + name());
    kubectl.call("delete", "namespace", name(), "--wait=false");
    kubectl.until("no trace of its pods", () -> others.containsAll(traces()));
    removeDirectory();
  }

  @Override
  public void testSuccessful(ExtensionContext context) {
    CaseTable.add("ok", context, begun);
  }

  @Override
  public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
    CaseTable.add("FAILED", context, begun);
  }

  @Override
  public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
    CaseTable.add("left out", context, begun);
  }

  /// What pods have of the node.
  private static Set<String> traces() throws IOException {
    var traces = new HashSet<>(NODE.bundles());
    traces.addAll(NODE.mounts());
    return traces;
  }

  private void removeDirectory() throws IOException {
    Path directory = NODE.path().resolve("volumes").resolve(name());
    if (Files.exists(directory)) {
      try (Stream<Path> tree = Files.walk(directory)) {
        for (Path each : tree.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(each);
        }
      }
    }
  }
}
