package dev.krustlet.shim.containerd;

import java.io.IOException;

/// containerd knows an image and no longer has one of its layers: it drops layers that were
/// unpacked if `discard_unpacked_layers` is set, and a lazy snapshotter never fetches them.
public final class AbsentBlobException extends IOException {
  private static final long serialVersionUID = 1;

  AbsentBlobException(String digest, String image, Throwable cause) {
    super(
        "containerd has discarded the layer %s of image %s (discard_unpacked_layers, or a lazy snapshotter): start a container of the image once instead, which compiles its module"
            .formatted(digest, image),
        cause);
  }
}
