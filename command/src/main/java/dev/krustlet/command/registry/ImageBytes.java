package dev.krustlet.command.registry;

import dev.krustlet.shim.oci.Digests;

/// A manifest as a registry sent it.
record ImageBytes(String mediaType, byte[] bytes) {
  String digest() {
    return Digests.of(bytes);
  }
}
