package dev.krustlet.command.cli;

import dev.krustlet.shim.modules.EngineProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `krustlet run`: one guest on the command's own streams.
@Command(
    name = "run",
    header = "Runs a WASI module.",
    description = {
      "Runs FILE on the engine that runs wasm containers, with the standard input and output of"
          + " this command, and ends with the module's own status. It is compiled the first time"
          + " and comes from a cache afterwards.",
      "",
      "The module gets the environment and the directories named here and nothing else of this"
          + " machine. Neither containerd nor root is needed.",
      "",
    },
    footer = {
      "",
      "Examples:",
      "  krustlet run hello.wasm",
      "  krustlet run hello.wasm --env NAME=you -- --exit 42",
      "  krustlet run files.wasm --dir ./config:/config:ro --dir /tmp/out:/data",
      "  krustlet run counter.wasm --memory 64Mi",
      "  krustlet run sums.wasm#add 40 2",
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0-255:the module's own",
      "64:wrong usage",
      "65:FILE is not a module that this engine runs, or has no such EXPORT",
      "66:FILE or a directory is missing or may not be read",
      "69:the engine or Java 25 is missing",
      "70:an internal error",
      "74:an input/output error, as when the cache cannot be written",
      "134:the module trapped; the reason is on stderr",
      "142, 152:its --wall-time, its --cpu-time is over",
      "128+N:signal N ended it: 130 after Ctrl-C, 143 after SIGTERM",
    })
final class RunCommand implements Callable<Integer> {
  private final Modules modules;
  private final StandardStreams streams;

  @Parameters(
      index = "0",
      paramLabel = "FILE[#EXPORT]",
      description = {
        "a core module of WASI preview 1 or a component of WASI 0.2;",
        "EXPORT is the function to call if it is not the module's own"
      })
  @SuppressWarnings("NullAway.Init") // picocli refuses a command line without it
  private ModuleReference module;

  @Parameters(
      index = "1..*",
      paramLabel = "ARGS",
      description = {
        "the module's arguments; those that begin with - go after --;",
        "an EXPORT of a component takes its own as WAVE text"
      })
  private List<String> arguments = new ArrayList<>();

  @Option(
      names = "--env",
      paramLabel = "NAME=VALUE",
      description = "a variable of the module's environment; may be repeated")
  private List<EnvironmentVariable> environment = new ArrayList<>();

  @Option(
      names = "--dir",
      paramLabel = "HOST:GUEST[:ro]",
      description =
          "the directory HOST of this machine as GUEST, read-only with :ro; may be repeated")
  private List<DirectoryMapping> directories = new ArrayList<>();

  @Mixin private InterfaceOptions interfaces = new InterfaceOptions();

  @Mixin private PolicyOptions policy = new PolicyOptions();

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "the most memory the module may have, such as 64Mi; default: no limit")
  private long memory;

  @Option(
      names = "--wasi3",
      description =
          "run components of WASI 0.3 too, whose implementation Wasmtime still calls experimental")
  private boolean wasi3;

  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      description =
          "native or portable; portable is Wasmtime 7.0.1 of 2023 without security fixes, for"
              + " development alone: no components, no --memory, nothing cached; default: native,"
              + " unless krustlet was built without it")
  private @Nullable EngineKind engine;

  RunCommand(Modules modules, StandardStreams streams) {
    this.modules = modules;
    this.streams = streams;
  }

  @Override
  public Integer call() throws CommandException, IOException, InterruptedException {
    for (DirectoryMapping directory : directories) {
      directory.check();
    }
    policy.check();
    return switch (Optional.ofNullable(engine).orElseGet(modules.installation()::usual)) {
      case NATIVE -> Foreground.run(engineCommand(modules.installation().engine(wasi3)), streams);
      case PORTABLE -> portable();
    };
  }

  private int portable() throws CommandException, IOException, InterruptedException {
    if (memory > 0) {
      throw new CommandException(
          ExitStatus.USAGE, "--memory: the portable engine cannot limit a module's memory");
    }
    if (wasi3) {
      throw new CommandException(
          ExitStatus.USAGE, "--wasi3: the portable engine runs no components");
    }
    policy.refuse("the portable engine knows no policy");
    if (!interfaces.arguments().isEmpty()) {
      throw new CommandException(
          ExitStatus.USAGE,
          "%s: the portable engine runs no components"
              .formatted(interfaces.arguments().getFirst()));
    }
    if (!module.export().isEmpty()) {
      throw new CommandException(
          ExitStatus.USAGE,
          "#%s: the portable engine calls _start alone".formatted(module.export()));
    }
    Modules.check(module.file());
    PortableEngine portable = modules.installation().portable();
    portable.check();
    return new PortableRun(portable, streams)
        .run(module.file(), arguments, environment, directories);
  }

  private List<String> engineCommand(EngineProgram program)
      throws CommandException, IOException, InterruptedException {
    Path compiled = policy.checked(modules.compiled(module.file(), program));
    List<String> command = new ArrayList<>(program.command("run"));
    environment.forEach(variable -> command.addAll(List.of("--env", variable.toString())));
    directories.forEach(directory -> command.addAll(List.of("--dir", directory.toString())));
    command.addAll(interfaces.arguments());
    command.addAll(policy.arguments());
    if (memory > 0) {
      command.addAll(List.of("--memory", Long.toString(memory)));
    }
    if (!module.export().isEmpty()) {
      command.addAll(List.of("--entrypoint", module.export()));
    }
    command.addAll(List.of(compiled.toString(), "--", module.name()));
    command.addAll(arguments);
    return command;
  }
}
