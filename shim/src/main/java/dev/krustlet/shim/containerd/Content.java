package dev.krustlet.shim.containerd;

import dev.krustlet.proto.services.content.ReadContentRequest;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.oci.Digests;
import dev.krustlet.shim.oci.ImageManifest;
import dev.krustlet.shim.oci.SpecException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// containerd's store of blobs, as one connection sees it.
record Content(Connection connection) {
  private static final int MAX_DOCUMENT = 4 << 20;

  /// Reads a manifest or an index, which has to be what its digest says.
  ImageManifest manifest(String digest, String image)
      throws TaskException, IOException, InterruptedException {
    String document = "manifest %s of image %s".formatted(digest, image);
    try {
      return ImageManifest.parse(document, document(digest, document));
    } catch (SpecException e) {
      throw new TaskException(Code.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
  }

  /// Reads a text, which has to be what its digest says.
  ///
  /// @param document what to call it in messages
  String document(String digest, String document)
      throws TaskException, IOException, InterruptedException {
    var bytes = new ByteArrayOutputStream();
    copy(digest, MAX_DOCUMENT, document, bytes);
    if (!digest.equals(Digests.of(bytes.toByteArray()))) {
      throw new TaskException(
          Code.FAILED_PRECONDITION, document + " is damaged: its bytes have another digest");
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /// Copies a blob.
  ///
  /// @param name of it, for messages
  void copy(String digest, long most, String name, OutputStream out)
      throws TaskException, IOException, InterruptedException {
    var request = ReadContentRequest.newBuilder().setDigest(digest).build();
    var left = new long[] {most};
    connection.listen(
        Call.READ,
        request,
        answer -> {
          left[0] -= answer.getData().size();
          if (left[0] < 0) {
            throw new IOException("%s is larger than %d bytes".formatted(name, most));
          }
          answer.getData().writeTo(out);
        });
  }
}
