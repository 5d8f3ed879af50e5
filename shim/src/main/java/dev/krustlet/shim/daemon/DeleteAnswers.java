package dev.krustlet.shim.daemon;

import com.google.protobuf.Timestamp;
import dev.krustlet.proto.task.v2.DeleteResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;

/// The answer that containerd's later `delete` call will want, left in the bundle so that the
/// launcher can give it without a JVM. containerd runs that call after every deletion and failed
/// creation, and waits 5 s for it. It also runs it for every container of a daemon that died, and
/// then wants to know of those that had ended before how they did.
final class DeleteAnswers {
  static final String FILE = "delete.pb";
  static final String ENDED = "exit.pb";

  private DeleteAnswers() {}

  /// The container is deleted: nothing of it is left to clean.
  static void leave(Path bundle, int pid, int status, Instant at) throws IOException {
    write(bundle, FILE, response(pid, status, at));
  }

  /// The container has ended and is not deleted yet.
  static void leaveExit(Path bundle, int pid, int status, Instant at) throws IOException {
    write(bundle, ENDED, response(pid, status, at));
  }

  private static void write(Path bundle, String file, DeleteResponse answer) throws IOException {
    Path draft = bundle.resolve("." + file);
    Files.write(draft, answer.toByteArray());
    Files.move(draft, bundle.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  static DeleteResponse response(int pid, int status, Instant at) {
    return DeleteResponse.newBuilder()
        .setPid(pid)
        .setExitStatus(status)
        .setExitedAt(Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()))
        .build();
  }
}
