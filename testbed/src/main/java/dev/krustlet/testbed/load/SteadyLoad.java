package dev.krustlet.testbed.load;

import dev.krustlet.testbed.ProcessMemory;
import java.io.IOException;
import java.util.List;

/// So many clients at once against one pod, twice as many requests each time: what the engine holds
/// before, in between and afterwards.
///
/// @param before PSS of the engine with the service idle, in bytes
/// @param warm after the first requests
/// @param after after all of them
/// @param answered requests that were answered rightly
/// @param failed connections that were not made or were cut
/// @param problems a sentence for everything that must not be
public record SteadyLoad(
    long before, long warm, long after, long answered, long failed, List<String> problems) {
  /// @param clients how many requests are under way at all times
  /// @param requests how many are answered before the memory is looked at again
  public static SteadyLoad run(WebPods pods, int clients, int requests)
      throws IOException, InterruptedException {
    var tally = new Tally();
    var rotation = new Rotation();
    rotation.add(pods.start("steady").address());
    long engine = pods.engine();
    long before = ProcessMemory.pss(engine);
    serve(clients, requests, rotation, tally);
    long warm = ProcessMemory.pss(engine);
    serve(clients, 2 * requests, rotation, tally);
    return new SteadyLoad(
        before,
        warm,
        ProcessMemory.pss(engine),
        tally.answered.get(),
        tally.refused.get() + tally.cutAtOnce.get() + tally.cutLater.get(),
        tally.problems());
  }

  private static void serve(int clients, int requests, Rotation rotation, Tally tally)
      throws IOException, InterruptedException {
    try (Clients load = Clients.start(clients, rotation, tally)) {
      load.awaitAnswers(requests);
    }
  }
}
