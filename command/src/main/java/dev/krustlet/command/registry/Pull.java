package dev.krustlet.command.registry;

import dev.krustlet.command.image.ImageLayout;
import dev.krustlet.command.image.ImageReference;
import dev.krustlet.command.image.ImageTree;
import dev.krustlet.shim.oci.Descriptor;
import java.io.IOException;
import java.io.OutputStream;

/// Fetches an image of a registry into an archive.
///
/// @param access how the registry is spoken to
public record Pull(ImageReference image, Access access) {
  /// Told how much there is before it comes.
  public interface Begun {
    void begin(ImageTree image);
  }

  /// Writes the archive; whoever opened the stream throws it away if this fails.
  public ImageTree to(OutputStream out, Begun begun, Progress progress)
      throws IOException, InterruptedException {
    var failures = new Failures(image.name().registry(), "pull " + image);
    try (var repository = Repository.open(image.name(), false, access, failures, progress)) {
      ImageTree tree = tree(repository);
      begun.begin(tree);
      write(repository, tree, out);
      return tree;
    }
  }

  private ImageTree tree(Repository repository) throws IOException {
    ImageBytes first = repository.pullManifest(image.wanted());
    Descriptor root =
        Descriptor.of(
            first.mediaType(), image.digest().orElse(first.digest()), first.bytes().length);
    return ImageTree.read(
        root,
        each ->
            each.digest().equals(root.digest())
                ? first.bytes()
                : repository.pullManifest(each.digest()).bytes());
  }

  private void write(Repository repository, ImageTree tree, OutputStream out) throws IOException {
    try (var layout = ImageLayout.begin(image, tree, out)) {
      for (Descriptor blob : tree.blobs()) {
        layout.blob(blob.sha256().orElseThrow(), blob.size(), to -> repository.pull(blob, to));
      }
      for (ImageTree.Document each : tree.manifests()) {
        layout.blob(each.descriptor().sha256().orElseThrow(), each.bytes());
      }
    }
  }
}
