package dev.krustlet.shim.cli;

import com.google.protobuf.Empty;
import dev.krustlet.proto.task.v2.DeleteRequest;
import dev.krustlet.proto.task.v2.DeleteResponse;
import dev.krustlet.proto.task.v2.KillRequest;
import dev.krustlet.proto.task.v2.WaitRequest;
import dev.krustlet.proto.task.v2.WaitResponse;
import dev.krustlet.ttrpc.CallOptions;
import dev.krustlet.ttrpc.Code;
import dev.krustlet.ttrpc.TtrpcClient;
import dev.krustlet.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/// `delete` for a container whose daemon lives and still has it, as after a restart of containerd
/// that could not reconnect in time: the daemon is told to end and delete it. Prints the
/// DeleteResponse; a status other than 0 tells the launcher to clean up itself.
public final class DeleteMain {
  private static final String SERVICE = "containerd.task.v2.Task";
  private static final int SIGKILL = 9;

  /// Inside the 5 s that containerd gives `delete`.
  private static final CallOptions DEADLINE = CallOptions.timeout(Duration.ofSeconds(2));

  private DeleteMain() {}

  public static void main(String[] args) {
    int status = 1;
    try {
      if (args.length != 2) {
        throw new IllegalArgumentException("the arguments are SOCKET and CONTAINER-ID");
      }
      try (var daemon = TtrpcClient.connect(Path.of(args[0]))) {
        kill(daemon, args[1]);
        delete(daemon, args[1]).writeTo(System.out);
        System.out.flush();
        status = 0;
      }
    } catch (IOException | IllegalArgumentException | TtrpcException e) {
      System.err.println("krustlet: cannot delete through the daemon: " + e.getMessage());
    } catch (InterruptedException _) {
      System.err.println("krustlet: interrupted");
    }
    System.exit(status);
  }

  private static void kill(TtrpcClient daemon, String id)
      throws TtrpcException, IOException, InterruptedException {
    try {
      var request = KillRequest.newBuilder().setId(id).setSignal(SIGKILL).build();
      daemon.call(SERVICE, "Kill", request, Empty.parser(), DEADLINE);
      daemon.call(
          SERVICE,
          "Wait",
          WaitRequest.newBuilder().setId(id).build(),
          WaitResponse.parser(),
          DEADLINE);
    } catch (TtrpcException e) {
      if (e.code() != Code.NOT_FOUND) {
        throw e; // else it has ended already
      }
    }
  }

  private static DeleteResponse delete(TtrpcClient daemon, String id)
      throws TtrpcException, IOException, InterruptedException {
    var request = DeleteRequest.newBuilder().setId(id).build();
    return daemon.call(SERVICE, "Delete", request, DeleteResponse.parser(), DEADLINE);
  }
}
