package dev.krustlet.command.cli;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `krustlet version`: what to put into a report of a problem.
@Command(
    name = "version",
    header = "Tells the versions of krustlet and of what it runs on.",
    description = {
      "Prints a line each for krustlet, the Java that runs this command, Wasmtime, the engine"
          + " around it, and the engine's hash, which names the part of the cache it uses. A"
          + " krustlet with the portable engine alone has no cache.",
      "",
    },
    footer = {
      "",
      "Examples:",
      "  krustlet version",
      "  krustlet version --json",
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:all versions were found",
      "64:wrong usage",
      "69:the installation is not whole, or Java 25 is missing",
      "70:an internal error",
      "74:an input/output error",
    })
final class VersionCommand implements Callable<Integer> {
  private final Installation installation;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  VersionCommand(Installation installation) {
    this.installation = installation;
  }

  @Override
  public Integer call() throws CommandException, IOException, InterruptedException {
    Map<String, String> versions = versions();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      var object = new JsonObject();
      versions.forEach(object::addProperty);
      out.println(object);
    } else {
      versions.forEach((name, version) -> out.printf("%-12s %s%n", name, version));
    }
    return 0;
  }

  private Map<String, String> versions()
      throws CommandException, IOException, InterruptedException {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("krustlet", installation.version());
    versions.put("java", Runtime.version().toString());
    switch (installation.usual()) {
      case NATIVE -> {
        var engine = EngineVersion.of(installation.engine());
        versions.put("wasmtime", engine.wasmtime());
        versions.put("engine", engine.engine());
        versions.put("engine-hash", engine.hash());
      }
      case PORTABLE -> {
        versions.put("wasmtime", PortableEngine.WASMTIME);
        versions.put("engine", installation.portable().binding());
      }
    }
    return versions;
  }
}
