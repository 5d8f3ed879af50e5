package dev.krustlet.command.image;

import dev.krustlet.shim.oci.Descriptor;
import dev.krustlet.shim.oci.Digests;
import dev.krustlet.shim.oci.ImageManifest;
import dev.krustlet.shim.oci.SpecException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// All that belongs to an image: its manifest or index, the manifests of that, and the blobs that
/// those refer to, each once. What it says is somebody else's word: its documents are what their
/// digests say, and there are no more parts than an image needs.
public final class ImageTree {
  /// The most that a manifest may have, as registries have it.
  public static final int MAX_DOCUMENT = 4 << 20;

  private static final int MAX_MANIFESTS = 256;
  private static final int MAX_BLOBS = 4096;
  private static final int MAX_DEPTH = 4;

  private final DocumentSource source;
  private final SequencedMap<String, Document> manifests = new LinkedHashMap<>();
  private final SequencedMap<String, Descriptor> blobs = new LinkedHashMap<>();

  /// A manifest or an index.
  public record Document(Descriptor descriptor, byte[] bytes) {}

  private ImageTree(DocumentSource source) {
    this.source = source;
  }

  /// Reads all manifests of an image.
  ///
  /// @throws LayoutException if they are not what their digests say, or too many
  public static ImageTree read(Descriptor root, DocumentSource source) throws IOException {
    var tree = new ImageTree(source);
    tree.add(root, 1);
    return tree;
  }

  /// Whatever refers to another one comes after it, so that the image's own is the last.
  public List<Document> manifests() {
    return List.copyOf(manifests.values());
  }

  /// The image's own manifest or index.
  public Document root() {
    return manifests.lastEntry().getValue();
  }

  public List<Descriptor> blobs() {
    return List.copyOf(blobs.values());
  }

  private void add(Descriptor descriptor, int depth) throws IOException {
    check(descriptor);
    if (depth > MAX_DEPTH || manifests.size() >= MAX_MANIFESTS) {
      throw new LayoutException("the image has too many manifests, one inside the other or beside");
    }
    byte[] bytes = checked(descriptor, source.read(descriptor));
    ImageManifest manifest = parse(descriptor, bytes);
    for (Descriptor each : manifest.manifests()) {
      if (!manifests.containsKey(each.digest())) {
        add(each, depth + 1);
      }
    }
    for (Descriptor each : manifest.blobs()) {
      addBlob(each);
    }
    manifests.putIfAbsent(
        descriptor.digest(), new Document(typed(descriptor, manifest, bytes), bytes));
  }

  private void addBlob(Descriptor blob) throws LayoutException {
    check(blob);
    var known = blobs.putIfAbsent(blob.digest(), blob);
    if (known != null && known.size() != blob.size()) {
      throw new LayoutException("the image gives blob %s two sizes".formatted(blob.digest()));
    }
    if (blobs.size() > MAX_BLOBS) {
      throw new LayoutException("the image has more than %d blobs".formatted(MAX_BLOBS));
    }
  }

  private static void check(Descriptor descriptor) throws LayoutException {
    if (descriptor.sha256().isEmpty() || descriptor.size() < 0) {
      throw new LayoutException(
          "the image refers to '%s' of %d bytes, which is no SHA-256 with a size"
              .formatted(descriptor.digest(), descriptor.size()));
    }
  }

  private static byte[] checked(Descriptor descriptor, byte[] bytes) throws LayoutException {
    if (bytes.length > MAX_DOCUMENT || !Digests.of(bytes).equals(descriptor.digest())) {
      throw new LayoutException(
          "manifest %s is damaged: its bytes have another digest".formatted(descriptor.digest()));
    }
    return bytes;
  }

  private static ImageManifest parse(Descriptor descriptor, byte[] bytes) throws LayoutException {
    try {
      return ImageManifest.parse(
          "manifest " + descriptor.digest(), new String(bytes, StandardCharsets.UTF_8));
    } catch (SpecException e) {
      throw new LayoutException(String.valueOf(e.getMessage()));
    }
  }

  /// A manifest is of the type that it says, or else of that which others say.
  private static Descriptor typed(Descriptor descriptor, ImageManifest manifest, byte[] bytes) {
    String type =
        Optional.of(manifest.mediaType())
            .filter(own -> !own.isEmpty())
            .orElse(descriptor.mediaType());
    return new Descriptor(type, descriptor.digest(), bytes.length, Map.of(), descriptor.platform());
  }
}
