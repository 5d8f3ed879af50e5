package dev.krustlet.shim.bootstrap;

import com.google.protobuf.Timestamp;
import dev.krustlet.proto.task.v2.DeleteResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;

/// The answer that containerd's later `delete` call will want, left in the bundle so that the
/// launcher can give it without a JVM. containerd runs that call after every deletion and failed
/// creation, and waits 5 s for it.
public final class DeleteAnswers {
  static final String FILE = "delete.pb";

  private DeleteAnswers() {}

  public static void leave(Path bundle, int pid, int status, Instant at) throws IOException {
    Path draft = bundle.resolve("." + FILE);
    Files.write(draft, response(pid, status, at).toByteArray());
    Files.move(draft, bundle.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }

  static DeleteResponse response(int pid, int status, Instant at) {
    return DeleteResponse.newBuilder()
        .setPid(pid)
        .setExitStatus(status)
        .setExitedAt(Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()))
        .build();
  }
}
