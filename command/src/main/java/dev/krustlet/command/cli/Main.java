package dev.krustlet.command.cli;

import dev.krustlet.command.image.ImageName;
import dev.krustlet.command.image.ImageReference;
import dev.krustlet.shim.policy.ByteSize;
import dev.krustlet.shim.policy.TimeSpan;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/// The `krustlet` command. `krustlet`, the script beside the library, starts it.
@Command(
    name = "krustlet",
    header = "Runs WASI modules as krustlet's containers run, without containerd.",
    description = {
      "The same engine and the same cache of compiled modules, for a module at hand.",
      "",
    },
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Examples:",
      "  krustlet run hello.wasm --env NAME=you -- one two",
      "  krustlet compile hello.wasm",
      "  krustlet cache ls",
      "  krustlet image build hello.wasm -t localhost/hello:1 -o hello.tar",
      "  krustlet version --json",
      "",
      "`krustlet COMMAND --help` explains a command and its exit status.",
    })
public final class Main implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "show this help")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private Main() {}

  public static void main(String[] args) {
    System.exit(run(args));
  }

  private static int run(String[] args) {
    try {
      return commandLine(Installation.current(), StandardStreams.INHERITED).execute(args);
    } catch (IOException e) {
      System.err.println("krustlet: " + Failures.cause(e));
      return ExitStatus.IO_ERROR;
    }
  }

  /// The command as it works in an installation.
  static CommandLine commandLine(Installation installation, StandardStreams streams) {
    var modules = new Modules(installation);
    return new CommandLine(new Main())
        .addSubcommand(new RunCommand(modules, streams))
        .addSubcommand(new CompileCommand(modules))
        .addSubcommand(CacheCommand.commandLine(installation, modules))
        .addSubcommand(ImageCommand.commandLine())
        .addSubcommand(new VersionCommand(installation))
        .setExpandAtFiles(false) // an argument of a module may begin with @
        .registerConverter(Long.TYPE, naming(ByteSize::parse))
        .registerConverter(ModuleReference.class, naming(ModuleReference::parse))
        .registerConverter(Long.class, naming(ByteSize::parse))
        .registerConverter(Duration.class, naming(TimeSpan::parse))
        .registerConverter(EngineKind.class, naming(EngineKind::parse))
        .registerConverter(DirectoryMapping.class, naming(DirectoryMapping::parse))
        .registerConverter(ImageName.class, naming(ImageName::parse))
        .registerConverter(ImageReference.class, naming(ImageReference::parse))
        .registerConverter(EnvironmentVariable.class, naming(EnvironmentVariable::parse))
        .setParameterExceptionHandler(Failures::usage)
        .setExecutionExceptionHandler(Failures::execution);
  }

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "a command is missing: run, compile, cache, image or version");
  }

  /// A parser whose sentence reaches the user as it is.
  private static <T> ITypeConverter<T> naming(Function<String, T> parser) {
    return text -> {
      try {
        return parser.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }
}
