package dev.krustlet.command.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `krustlet cache`: what is compiled on this node.
@Command(
    name = "cache",
    header = "Looks after the cache of compiled modules.",
    description = {
      "Root sees the node's cache, which containers start from; others see their own.",
      "",
    },
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Examples:",
      "  krustlet cache ls",
      "  krustlet cache prune --older-than 7d",
      "  krustlet cache warm ghcr.io/me/app:1",
    })
final class CacheCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  private CacheCommand() {}

  static CommandLine commandLine(Installation installation, Modules modules) {
    return new CommandLine(new CacheCommand())
        .addSubcommand(new CacheListCommand(installation))
        .addSubcommand(new CachePruneCommand(installation))
        .addSubcommand(new CacheWarmCommand(modules));
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "a command is missing: ls, prune or warm");
  }
}
