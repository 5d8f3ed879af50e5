package dev.krustlet.shim.engine.wasm;

import dev.krustlet.proto.engine.v1.NextExitRequest;
import dev.krustlet.proto.engine.v1.NextExitResponse;
import dev.krustlet.shim.engine.wasm.EngineProcess.Guest;
import dev.krustlet.ttrpc.CallOptions;
import dev.krustlet.ttrpc.TtrpcClient;
import dev.krustlet.ttrpc.TtrpcException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The guests of an engine process until each has ended, and the one call that waits for their
/// exits. Each guest is told once, of its exit or of the loss of its engine.
final class EngineExits {
  private static final Logger LOG = LoggerFactory.getLogger(EngineExits.class);
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private final Process process;
  private final TtrpcClient client;
  private final Map<String, Guest> guests = new ConcurrentHashMap<>();
  private volatile boolean over; // set before the guests are told, so that none slips in unnoticed

  EngineExits(Process process, TtrpcClient client) {
    this.process = process;
    this.client = client;
  }

  /// Whether the engine is lost.
  boolean over() {
    return over;
  }

  /// From now on the guest's end is told. A guest of an engine that is lost already is told at
  /// once.
  void register(String id, Guest guest) {
    guests.put(id, guest);
    if (over && guests.remove(id, guest)) {
      guest.lost(EngineProcess.cause(process));
    }
  }

  void forget(String id) {
    guests.remove(id);
  }

  /// Tells the guests of their exits until the engine is lost.
  void collect() {
    try {
      while (true) {
        var exit =
            client.call(
                EngineProcess.SERVICE,
                "NextExit",
                NextExitRequest.getDefaultInstance(),
                NextExitResponse.parser(),
                CallOptions.NONE);
        tell(exit);
      }
    } catch (IOException | TtrpcException e) {
      LOG.debug("no more exits from engine {}", process.pid(), e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      loseAll();
    }
  }

  private void tell(NextExitResponse exit) {
    Guest guest = guests.remove(exit.getId());
    if (guest != null) {
      try {
        guest.ended(exit);
      } catch (RuntimeException e) {
        LOG.error("the exits of others are told all the same", e);
      }
    }
  }

  private void loseAll() {
    process.destroyForcibly(); // one that does not answer is of no use to anyone
    process
        .onExit()
        .orTimeout(FAREWELL.toSeconds(), TimeUnit.SECONDS)
        .exceptionally(_ -> process)
        .join();
    over = true;
    String cause = EngineProcess.cause(process);
    for (String id : List.copyOf(guests.keySet())) {
      Guest guest = guests.remove(id);
      if (guest != null) {
        guest.lost(cause);
      }
    }
  }
}
