package dev.krustlet.command.cli;

import com.google.gson.JsonObject;
import dev.krustlet.shim.modules.CacheContents;
import dev.krustlet.shim.modules.CachedModule;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `krustlet cache prune`.
@Command(
    name = "prune",
    header = "Removes compiled modules.",
    description = {
      "Without an option that says what goes, only that which older engines compiled. Containers"
          + " that run are not touched; what they start from again is compiled again. Modules that"
          + " were used in the last five seconds stay.",
      "",
    },
    footer = {
      "",
      "Examples:",
      "  krustlet cache prune",
      "  krustlet cache prune --older-than 7d --dry-run",
      "  krustlet cache prune --keep-bytes 500Mi",
      "  krustlet cache prune --all",
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:removed, also if there was nothing to remove",
      "64:wrong usage",
      "69:the engine or Java 25 is missing",
      "70:an internal error",
      "74:an input/output error, as when a file may not be removed",
    })
final class CachePruneCommand implements Callable<Integer> {
  private final Installation installation;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Option(
      names = "--keep-bytes",
      paramLabel = "SIZE",
      description = "what goes first until no more than SIZE is left, such as 500Mi")
  private Optional<Long> keepBytes = Optional.empty();

  @Option(
      names = "--older-than",
      paramLabel = "TIME",
      description = "what was not used for TIME: a number with ms, s, m, h or d")
  private Optional<Duration> olderThan = Optional.empty();

  @Option(names = "--all", description = "everything")
  private boolean all;

  @Option(names = "--dry-run", description = "only tell what would go")
  private boolean dryRun;

  @Option(names = "--json", description = "print one JSON object: dryRun, bytes, removed")
  private boolean json;

  CachePruneCommand(Installation installation) {
    this.installation = installation;
  }

  @Override
  public Integer call() throws CommandException, IOException, InterruptedException {
    if (all && (keepBytes.isPresent() || olderThan.isPresent())) {
      throw new ParameterException(
          spec.commandLine(), "--all leaves nothing for --keep-bytes or --older-than");
    }
    var view = CacheView.of(installation);
    List<CachedModule> leaving = leaving(view, Instant.now());
    if (!dryRun) {
      view.contents().sweep();
      leaving = removed(leaving);
    }
    report(view, leaving);
    return 0;
  }

  private List<CachedModule> leaving(CacheView view, Instant now) throws IOException {
    List<CachedModule> modules =
        view.modules().stream().filter(each -> !each.isAtHand(now)).toList();
    if (all) {
      return modules;
    }
    SequencedSet<CachedModule> leaving = new LinkedHashSet<>();
    modules.stream().filter(each -> goes(view, each, now)).forEach(leaving::add);
    if (keepBytes.isPresent()) {
      List<CachedModule> kept = new ArrayList<>(view.modules());
      kept.removeAll(leaving);
      leaving.addAll(CacheContents.beyond(keepBytes.get(), kept, now));
    }
    return List.copyOf(leaving);
  }

  private boolean goes(CacheView view, CachedModule module, Instant now) {
    if (keepBytes.isEmpty() && olderThan.isEmpty()) {
      return !view.isCurrent(module);
    }
    return olderThan.map(now::minus).filter(module.used()::isBefore).isPresent();
  }

  private static List<CachedModule> removed(List<CachedModule> leaving) throws IOException {
    List<CachedModule> removed = new ArrayList<>();
    for (CachedModule each : leaving) {
      if (each.remove()) {
        removed.add(each);
      }
    }
    return removed;
  }

  private void report(CacheView view, List<CachedModule> modules) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      var object = new JsonObject();
      object.addProperty("dryRun", dryRun);
      object.addProperty("bytes", CacheView.bytes(modules));
      object.add("removed", view.json(modules));
      out.println(object);
    } else {
      if (!modules.isEmpty()) {
        view.table(modules).print(out);
      }
      out.printf("%s %s%n", dryRun ? "would remove" : "removed", CacheView.sum(modules));
    }
  }
}
