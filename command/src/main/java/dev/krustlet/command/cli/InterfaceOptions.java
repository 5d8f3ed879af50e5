package dev.krustlet.command.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// What is to stand behind the interfaces of a component.
final class InterfaceOptions {
  @Option(
      names = "--config-dir",
      paramLabel = "GUEST",
      description =
          "a directory as the module sees it whose files are values of wasi:config, before those"
              + " of the environment; may be repeated")
  private List<String> configDirectories = new ArrayList<>();

  @Option(
      names = "--keyvalue",
      paramLabel = "REDIS",
      description =
          "redis://ADDRESS[:PORT][/DATABASE] for wasi:keyvalue; default: in memory. The module's"
              + " variable KRUSTLET_REDIS_PASSWORD is the password")
  private String keyvalue = "";

  /// As the engine's command takes them; empty if none was given.
  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    configDirectories.forEach(directory -> arguments.addAll(List.of("--config-dir", directory)));
    if (!keyvalue.isEmpty()) {
      arguments.addAll(List.of("--keyvalue", keyvalue));
    }
    return arguments;
  }
}
