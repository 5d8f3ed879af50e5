package dev.krustlet.command.registry;

import com.google.cloud.tools.jib.api.Credential;
import com.google.cloud.tools.jib.api.DescriptorDigest;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.blob.Blobs;
import com.google.cloud.tools.jib.event.EventHandlers;
import com.google.cloud.tools.jib.registry.RegistryClient;
import dev.krustlet.command.image.ImageName;
import dev.krustlet.command.image.ImageTree;
import dev.krustlet.command.registry.RegistryFailure.Kind;
import dev.krustlet.shim.oci.Descriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The images of one name in a registry, as jib's client has them.
final class Repository implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final RegistryClient client;
  private final ManifestTap http;
  private final StallGuard guard;
  private final Progress progress;
  private final Failures failures;

  /// Opens what is sent.
  interface Source {
    InputStream open() throws IOException;
  }

  private interface Question<A> {
    A ask() throws IOException, RegistryException;
  }

  private Repository(
      RegistryClient client, ManifestTap http, Failures failures, Progress progress) {
    this.client = client;
    this.http = http;
    this.failures = failures;
    this.guard = new StallGuard(PATIENCE, this::hangUp);
    this.progress =
        bytes -> {
          guard.progress();
          progress.advance(bytes);
        };
  }

  /// Connects and says who we are.
  ///
  /// @param push whether something is to be written there
  static Repository open(
      ImageName image, boolean push, Access access, Failures failures, Progress progress)
      throws IOException, InterruptedException {
    var server = Server.of(image, access.insecure());
    boolean plain = server.knock(failures);
    var credential = Login.find(access.login(), server.name()).orElse(null);
    var http = new ManifestTap(server, plain, ImageTree.MAX_DOCUMENT);
    RegistryClient client =
        RegistryClient.factory(EventHandlers.NONE, server.name(), image.repository(), http)
            .setCredential(credential)
            .setUserAgent("krustlet")
            .newRegistryClient();
    var repository = new Repository(client, http, failures, progress);
    try {
      repository.ask(() -> {
        introduce(client, push, credential);
        return true;
      });
    } catch (IOException e) {
      repository.close();
      throw e;
    }
    return repository;
  }

  private static void introduce(
      RegistryClient client, boolean push, @Nullable Credential credential)
      throws IOException, RegistryException {
    boolean done = push ? client.doPushBearerAuth() : client.doPullBearerAuth();
    if (!done && credential != null && !credential.isOAuth2RefreshToken()) {
      client.configureBasicAuth();
    }
  }

  boolean hasBlob(Descriptor blob) throws IOException {
    return ask(() -> client.checkBlob(digest(blob))).isPresent();
  }

  void push(Descriptor blob, Source source) throws IOException {
    var contents =
        Blobs.from(
            out -> {
              try (var in = source.open()) {
                in.transferTo(out);
              }
            },
            true);
    ask(() -> client.pushBlob(digest(blob), contents, null, progress::advance));
  }

  /// @param reference tag or digest
  void push(ImageTree.Document manifest, String reference) throws IOException {
    String json = new String(manifest.bytes(), StandardCharsets.UTF_8);
    if (!Arrays.equals(json.getBytes(StandardCharsets.UTF_8), manifest.bytes())) {
      throw new RegistryFailure(
          Kind.DAMAGED, "manifest %s is not UTF-8".formatted(manifest.descriptor().digest()));
    }
    var text = new ManifestText(manifest.descriptor().mediaType(), json);
    ask(() -> client.pushManifest(text, reference));
  }

  /// The bytes of a manifest, which nobody has checked.
  ///
  /// @param reference tag or digest
  ImageBytes pullManifest(String reference) throws IOException {
    try {
      ask(() -> client.pullManifest(reference));
    } catch (ManifestTap.Tapped tapped) {
      return new ImageBytes(tapped.mediaType(), tapped.bytes());
    }
    throw new IllegalStateException("a manifest came past its tap");
  }

  /// Copies a blob, whose bytes are what its descriptor says unless this fails.
  void pull(Descriptor blob, OutputStream out) throws IOException {
    var exact = new ExactOutput(out, blob);
    try {
      ask(() -> {
        client.pullBlob(digest(blob), size -> {}, progress::advance).writeTo(exact);
        return true;
      });
    } catch (RegistryFailure e) {
      if (exact.isFull()) {
        exact.check(); // jib has found the same, and says it in words of its own
      }
      throw e;
    }
    exact.check();
  }

  private <A> A ask(Question<A> question) throws IOException {
    guard.progress();
    try {
      return question.ask();
    } catch (ManifestTap.Tapped e) {
      throw e;
    } catch (IOException | RegistryException | IllegalStateException e) {
      if (guard.stalled()) {
        throw new RegistryFailure(
            Kind.UNREACHABLE,
            "%s: nothing moved for %d s".formatted(failures.subject(), PATIENCE.toSeconds()),
            e);
      }
      throw failures.of(e);
    }
  }

  private static DescriptorDigest digest(Descriptor blob) {
    try {
      return DescriptorDigest.fromDigest(blob.digest());
    } catch (DigestException e) {
      throw new IllegalArgumentException(blob.digest(), e);
    }
  }

  private void hangUp() {
    try {
      http.shutDown();
    } catch (IOException _) {
      // it is being left
    }
  }

  @Override
  public void close() {
    guard.close();
    hangUp();
  }
}
