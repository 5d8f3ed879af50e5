package dev.krustlet.command.cli;

import dev.krustlet.shim.modules.CompiledModule;
import dev.krustlet.shim.policy.ListenAddress;
import dev.krustlet.shim.policy.NodePolicy;
import dev.krustlet.shim.policy.OutboundRule;
import dev.krustlet.shim.policy.PortRange;
import dev.krustlet.shim.policy.WasmFeature;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What the module may do; the same that annotations say of a pod.
final class PolicyOptions {
  @Option(
      names = "--outbound",
      paramLabel = "RULE",
      description =
          "what it may connect to: NAME, *.NAME, ADDRESS or CIDR, each with :PORT or :FIRST-LAST;"
              + " may be repeated, none is nothing; default: everything")
  private List<String> outbound = new ArrayList<>();

  @Option(
      names = "--inbound-port",
      paramLabel = "PORT[-LAST]",
      description = "where it may listen; may be repeated, none is nowhere; default: everywhere")
  private List<String> inbound = new ArrayList<>();

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS:PORT",
      description = "a listening socket that a module of preview 1 finds open; may be repeated")
  private List<String> listen = new ArrayList<>();

  @Option(
      names = "--max-outgoing-requests",
      paramLabel = "N",
      description = "HTTP requests of its own under way at once")
  private @Nullable Integer maxOutgoingRequests;

  @Option(
      names = "--max-instances",
      paramLabel = "N",
      description = "core instances of the program; default: 256")
  private @Nullable Integer maxInstances;

  @Option(
      names = "--cpu-time",
      paramLabel = "TIME",
      description = "CPU time after which it is ended with status 152, such as 10s")
  private @Nullable Duration cpuTime;

  @Option(
      names = "--wall-time",
      paramLabel = "TIME",
      description = "time after which it is ended with status 142, such as 5m")
  private @Nullable Duration wallTime;

  @Option(
      names = "--deterministic",
      description = "random numbers and clocks are the same in every run")
  private boolean deterministic;

  @Option(
      names = "--wasm-features",
      paramLabel = "FEATURES",
      description =
          "what of WebAssembly it may use, with commas between: gc, exceptions, tail-calls,"
              + " memory64, simd, or none; default: all")
  private @Nullable String features;

  @Mixin private HttpOptions http = new HttpOptions();

  /// The code of a module that needs nothing of WebAssembly that it may not use.
  Path checked(CompiledModule module) throws CommandException {
    try {
      module.check(allowed());
      return module.code();
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitStatus.BAD_MODULE, String.valueOf(e.getMessage()));
    }
  }

  private Set<WasmFeature> allowed() throws CommandException {
    if (features == null) {
      return NodePolicy.DEFAULT.features();
    }
    try {
      return features.equals(EngineFlag.NONE) ? Set.of() : WasmFeature.parseNames(features);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitStatus.USAGE, "--wasm-features: " + e.getMessage());
    }
  }

  /// Refuses what is no value of an option, before anything is compiled.
  void check() throws CommandException {
    allowed();
    arguments();
  }

  /// Refuses all of them, for an engine that knows none.
  void refuse(String why) throws CommandException {
    List<String> given = features == null ? arguments() : List.of("--wasm-features");
    if (!given.isEmpty()) {
      throw new CommandException(ExitStatus.USAGE, "%s: %s".formatted(given.getFirst(), why));
    }
  }

  /// As the engine's command takes them; empty if none was given.
  List<String> arguments() throws CommandException {
    List<String> arguments = new ArrayList<>();
    EngineFlag.list(arguments, "--outbound", outbound, OutboundRule::parse);
    EngineFlag.list(arguments, "--inbound-port", inbound, PortRange::parse);
    EngineFlag.list(arguments, "--listen", listen, ListenAddress::parse);
    EngineFlag.number(arguments, "--max-outgoing-requests", maxOutgoingRequests);
    EngineFlag.number(arguments, "--max-instances", maxInstances);
    EngineFlag.time(arguments, "--cpu-time", cpuTime);
    EngineFlag.time(arguments, "--wall-time", wallTime);
    if (deterministic) {
      arguments.add("--deterministic");
    }
    arguments.addAll(http.arguments());
    return arguments;
  }
}
