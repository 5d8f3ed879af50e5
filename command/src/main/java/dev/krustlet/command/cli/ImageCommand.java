package dev.krustlet.command.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `krustlet image`: from a wasm file to what a cluster pulls.
@Command(
    name = "image",
    header = "Makes images of wasm files, and takes them to registries and back.",
    description = {"Neither a container engine nor root is needed.", ""},
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Examples:",
      "  krustlet image build app.wasm -t ghcr.io/me/app:1 -o app.tar",
      "  krustlet image push app.tar",
      "  krustlet image pull ghcr.io/me/app:1 -o app.tar",
    })
final class ImageCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  private ImageCommand() {}

  static CommandLine commandLine() {
    return new CommandLine(new ImageCommand())
        .addSubcommand(new ImageBuildCommand())
        .addSubcommand(new ImagePushCommand())
        .addSubcommand(new ImagePullCommand());
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "a command is missing: build, push or pull");
  }
}
