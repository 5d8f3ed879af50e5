package dev.krustlet.command.cli;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `krustlet compile`: pays for a compilation before anybody waits for it.
@Command(
    name = "compile",
    header = "Compiles a WASI module before it is needed.",
    description = {
      "Puts the machine code of FILE into the cache, so that its first run, or the first"
          + " container of it on this node if root compiles it, starts at once. Prints where the"
          + " code is, its size and the time this took.",
      "",
      "The code fits this machine and this version of the engine only.",
      "",
    },
    footer = {
      "",
      "Examples:",
      "  krustlet compile hello.wasm",
      "  krustlet compile hello.wasm --json",
      "  krustlet compile hello.wasm -o hello.cwasm",
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:compiled, or it was already",
      "64:wrong usage",
      "65:FILE is not a module that this engine runs",
      "66:FILE is missing or may not be read",
      "69:the engine or Java 25 is missing",
      "70:an internal error",
      "74:an input/output error, as when OUT cannot be written",
    })
final class CompileCommand implements Callable<Integer> {
  private final Modules modules;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "a core module of WASI preview 1 or a component of WASI 0.2")
  @SuppressWarnings("NullAway.Init") // picocli refuses a command line without it
  private Path file;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      description = "write a copy of the code to OUT as well")
  private @Nullable Path output;

  @Option(names = "--wasi3", description = "for runs with --wasi3: FILE may be of WASI 0.3")
  private boolean wasi3;

  @Option(names = "--json", description = "print one JSON object: path, bytes, milliseconds")
  private boolean json;

  CompileCommand(Modules modules) {
    this.modules = modules;
  }

  @Override
  public Integer call() throws CommandException, IOException, InterruptedException {
    long began = System.nanoTime();
    Path compiled = modules.compiled(file, modules.installation().engine(wasi3)).code();
    Path place = Optional.ofNullable(output).orElse(compiled);
    long bytes = Files.size(compiled);
    if (output != null) {
      write(compiled, output);
    }
    report(place, bytes, Duration.ofNanos(System.nanoTime() - began).toMillis());
    return 0;
  }

  private static void write(Path compiled, Path output) throws CommandException {
    try (var out = Files.newOutputStream(output)) {
      Files.copy(compiled, out);
    } catch (IOException e) {
      throw new CommandException(
          ExitStatus.IO_ERROR, "'%s' cannot be written: %s".formatted(output, Failures.cause(e)));
    }
  }

  private void report(Path place, long bytes, long milliseconds) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      var object = new JsonObject();
      object.addProperty("path", place.toString());
      object.addProperty("bytes", bytes);
      object.addProperty("milliseconds", milliseconds);
      out.println(object);
    } else {
      out.printf("%s: %d bytes in %d ms%n", place, bytes, milliseconds);
    }
  }
}
