package dev.krustlet.command.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What the requests of a service may have.
final class HttpOptions {
  @Option(
      names = "--http-max-requests",
      paramLabel = "N",
      description = "requests that a service works on at once; more wait")
  private @Nullable Integer maxRequests;

  @Option(
      names = "--http-request-timeout",
      paramLabel = "TIME",
      description = "how long a request may take until its response begins, such as 30s")
  private @Nullable Duration requestTimeout;

  @Option(
      names = "--http-max-head",
      paramLabel = "SIZE",
      description = "the largest head of a request")
  private @Nullable Long maxHead;

  @Option(
      names = "--http-max-body",
      paramLabel = "SIZE",
      description = "the largest body of a request, such as 1Mi")
  private @Nullable Long maxBody;

  @Option(
      names = "--http-request-memory",
      paramLabel = "SIZE",
      description = "the most memory that one instance of a service may have")
  private @Nullable Long requestMemory;

  @Option(
      names = "--http-requests-per-instance",
      paramLabel = "N",
      description = "requests that one instance answers, one after the other; default: 1")
  private @Nullable Integer requestsPerInstance;

  @Option(names = "--http-workers", paramLabel = "N", description = "threads that answer requests")
  private @Nullable Integer workers;

  @Option(names = "--http-access-log", description = "a line on stderr for each request")
  private boolean accessLog;

  /// As the engine's command takes them; empty if none was given.
  List<String> arguments() throws CommandException {
    List<String> arguments = new ArrayList<>();
    EngineFlag.number(arguments, "--http-max-requests", maxRequests);
    EngineFlag.time(arguments, "--http-request-timeout", requestTimeout);
    EngineFlag.number(arguments, "--http-max-head", maxHead);
    EngineFlag.number(arguments, "--http-max-body", maxBody);
    EngineFlag.number(arguments, "--http-request-memory", requestMemory);
    EngineFlag.number(arguments, "--http-requests-per-instance", requestsPerInstance);
    EngineFlag.number(arguments, "--http-workers", workers);
    if (accessLog) {
      arguments.add("--http-access-log");
    }
    return arguments;
  }
}
