package dev.krustlet.shim.registry;

import dev.krustlet.shim.image.Digests;

/// A manifest as a registry sent it.
record ImageBytes(String mediaType, byte[] bytes) {
  String digest() {
    return Digests.of(bytes);
  }
}
