package dev.krustlet.shim.daemon;

import dev.krustlet.proto.task.v2.DeleteRequest;
import dev.krustlet.proto.task.v2.DeleteResponse;
import dev.krustlet.shim.rpc.DiscardCall;
import dev.krustlet.ttrpc.CallOptions;
import dev.krustlet.ttrpc.TtrpcClient;
import dev.krustlet.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/// `delete` for a container whose daemon lives and still has it, as after a restart of containerd
/// that could not reconnect in time: the daemon is told to end and delete it, and goes on with that
/// however long it takes. Prints the DeleteResponse; a status other than 0 tells the launcher that
/// the daemon does not have the container, or does not answer, and to clean up itself.
public final class DeleteMain {
  /// Inside the 5 s that containerd gives `delete`; the daemon answers after 2 s at the latest.
  private static final CallOptions DEADLINE = CallOptions.timeout(Duration.ofMillis(3500));

  private DeleteMain() {}

  public static void main(String[] args) {
    int status = 1;
    try {
      if (args.length != 2) {
        throw new IllegalArgumentException("the arguments are SOCKET and CONTAINER-ID");
      }
      try (var daemon = TtrpcClient.connect(Path.of(args[0]))) {
        discard(daemon, args[1]).writeTo(System.out);
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

  private static DeleteResponse discard(TtrpcClient daemon, String id)
      throws TtrpcException, IOException, InterruptedException {
    var request = DeleteRequest.newBuilder().setId(id).build();
    return daemon.call(
        DiscardCall.SERVICE, DiscardCall.METHOD, request, DeleteResponse.parser(), DEADLINE);
  }
}
