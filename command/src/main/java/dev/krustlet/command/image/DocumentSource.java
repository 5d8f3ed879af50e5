package dev.krustlet.command.image;

import dev.krustlet.shim.oci.Descriptor;
import java.io.IOException;

/// Where the manifests of an image come from. Nobody has checked the bytes then.
public interface DocumentSource {
  byte[] read(Descriptor manifest) throws IOException;
}
