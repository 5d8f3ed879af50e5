package dev.krustlet.command.cli;

import com.google.gson.JsonObject;
import dev.krustlet.shim.modules.CachedModule;
import dev.krustlet.shim.policy.ByteSize;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `krustlet cache ls`.
@Command(
    name = "ls",
    header = "Lists the compiled modules.",
    description = {
      "A line for each, in the order in which they would go if room were needed: the SHA-256 of"
          + " the module, the size of its code, when it was last used, and the engine that"
          + " compiled it. What an old engine compiled is of no use to the one installed.",
      "",
    },
    footer = {
      "",
      "Examples:",
      "  krustlet cache ls",
      "  krustlet cache ls --json",
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:listed, also if there is none",
      "64:wrong usage",
      "69:the engine or Java 25 is missing",
      "70:an internal error",
      "74:an input/output error, as when the cache may not be read",
    })
final class CacheListCommand implements Callable<Integer> {
  private final Installation installation;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Option(
      names = "--json",
      description = "print one JSON object: directory, maxBytes, engine, modules")
  private boolean json;

  CacheListCommand(Installation installation) {
    this.installation = installation;
  }

  @Override
  public Integer call() throws CommandException, IOException, InterruptedException {
    var view = CacheView.of(installation);
    List<CachedModule> modules = view.modules();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      var object = new JsonObject();
      object.addProperty("directory", view.place().directory().toString());
      object.addProperty("maxBytes", view.place().maxBytes());
      object.addProperty("engine", view.engine());
      object.add("modules", view.json(modules));
      out.println(object);
    } else {
      view.table(modules).print(out);
      out.printf(
          "%s of %s in %s%n",
          CacheView.sum(modules),
          ByteSize.readable(view.place().maxBytes()),
          view.place().directory());
    }
    return 0;
  }
}
