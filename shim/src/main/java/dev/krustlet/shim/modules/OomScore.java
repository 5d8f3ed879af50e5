package dev.krustlet.shim.modules;

import dev.krustlet.shim.os.Processes;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How gladly the kernel ends one of our processes when the node's memory runs out. The daemon has
/// containerd's place, long after every container, and its children would inherit that place.
public enum OomScore {
  /// The guests' memory is the engine's. A guest that takes the node's last memory costs the
  /// engine, not the node's services or a native container that keeps to its request. A native
  /// container that requested next to nothing goes first, as beside other native containers.
  ENGINE(900),

  /// What a compilation costs is lost gladly: it can be done again.
  COMPILER(1000);

  private static final Logger LOG = LoggerFactory.getLogger(OomScore.class);

  private final int score;

  OomScore(int score) {
    this.score = score;
  }

  /// Gives a process that we have just started its score. To raise a score needs no right.
  public void give(Process process) {
    try {
      Processes.setOomScoreAdjust(process.pid(), score);
    } catch (IOException e) {
      LOG.debug("process {} keeps the daemon's oom_score_adj", process.pid(), e);
    }
  }
}
