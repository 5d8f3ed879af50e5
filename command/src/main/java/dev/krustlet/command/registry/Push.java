package dev.krustlet.command.registry;

import dev.krustlet.command.image.ImageArchive;
import dev.krustlet.command.image.ImageName;
import dev.krustlet.command.image.ImageTree;
import dev.krustlet.shim.oci.Descriptor;
import java.io.IOException;

/// Sends an image of an archive to a registry: blobs before the manifests that refer to them, so
/// that nobody ever sees half an image.
///
/// @param access how the registry is spoken to
public record Push(ImageArchive archive, ImageTree image, Access access) {
  /// Sends what the registry does not have yet.
  ///
  /// @return how many bytes of blobs went there
  public long to(ImageName name, Progress progress) throws IOException, InterruptedException {
    for (Descriptor blob : image.blobs()) {
      archive.check(blob);
    }
    var failures = new Failures(name.registry(), "push " + name);
    long sent = 0;
    try (var repository = Repository.open(name, true, access, failures, progress)) {
      for (Descriptor blob : image.blobs()) {
        if (!repository.hasBlob(blob)) {
          repository.push(blob, () -> archive.blob(blob.digest()));
          sent += blob.size();
        }
      }
      for (ImageTree.Document manifest : image.manifests()) {
        boolean last = manifest.equals(image.root());
        repository.push(manifest, last ? name.tag() : manifest.descriptor().digest());
      }
    }
    return sent;
  }
}
