package dev.krustlet.shim.daemon;

import dev.krustlet.shim.engine.Exit;
import dev.krustlet.shim.task.Tombstones;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Leaves in bundles what the launcher's `delete` answers without us. On a full disk it says 137
/// and now instead.
final class BundleAnswers implements Tombstones {
  private static final Logger LOG = LoggerFactory.getLogger(BundleAnswers.class);

  @Override
  public void leave(Stage stage, Path bundle, int pid, Exit exit) {
    try {
      switch (stage) {
        case ENDED -> DeleteAnswers.leaveExit(bundle, pid, exit.status(), exit.at());
        case DELETED -> DeleteAnswers.leave(bundle, pid, exit.status(), exit.at());
      }
    } catch (IOException e) {
      LOG.warn("cannot leave an answer for delete in {}", bundle, e);
    }
  }
}
