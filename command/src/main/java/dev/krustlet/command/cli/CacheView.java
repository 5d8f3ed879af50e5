package dev.krustlet.command.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.krustlet.shim.modules.CacheContents;
import dev.krustlet.shim.modules.CachedModule;
import dev.krustlet.shim.modules.EngineProgram;
import dev.krustlet.shim.oci.Digests;
import dev.krustlet.shim.policy.ByteSize;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;

/// A cache as the installed engine sees it.
///
/// @param engine hash of that engine, as the settings have it
/// @param installed its hashes with and without components of WASI 0.3: a command may ask for
///   either
record CacheView(Installation.CachePlace place, String engine, Set<String> installed) {
  /// As many letters of a hash as people need to tell one from another.
  private static final int SHORT = 12;

  static CacheView of(Installation installation)
      throws CommandException, IOException, InterruptedException {
    EngineProgram program = installation.engine();
    String engine = EngineVersion.of(program).hash();
    String other = EngineVersion.of(program.withWasi3(!program.wasi3())).hash();
    return new CacheView(installation.cache().read(), engine, Set.of(engine, other));
  }

  CacheContents contents() {
    return new CacheContents(place.directory());
  }

  /// All modules, in the order in which they go.
  List<CachedModule> modules() throws IOException {
    return contents().modules().stream().sorted(CachedModule.leaving(installed)).toList();
  }

  boolean isCurrent(CachedModule module) {
    return installed.contains(module.engine());
  }

  /// The modules with a line each, for people.
  Table table(List<CachedModule> modules) {
    var table = new Table("MODULE", "SIZE", "LAST USE", "ENGINE");
    modules.forEach(each ->
        table.row(
            shortened(each.digest()),
            ByteSize.readable(each.bytes()),
            seconds(each.used()),
            shortened(each.engine()) + (isCurrent(each) ? " current" : " old")));
    return table;
  }

  /// The same for programs.
  JsonArray json(List<CachedModule> modules) {
    var array = new JsonArray();
    for (CachedModule each : modules) {
      var object = new JsonObject();
      object.addProperty("digest", Digests.SHA256 + each.digest());
      object.addProperty("bytes", each.bytes());
      object.addProperty("lastUse", seconds(each.used()));
      object.addProperty("engine", each.engine());
      object.addProperty("current", isCurrent(each));
      array.add(object);
    }
    return array;
  }

  /// How many modules there are and what they take.
  static String sum(List<CachedModule> modules) {
    return "%d %s, %s"
        .formatted(
            modules.size(),
            modules.size() == 1 ? "module" : "modules",
            ByteSize.readable(bytes(modules)));
  }

  static long bytes(List<CachedModule> modules) {
    return modules.stream().mapToLong(CachedModule::bytes).sum();
  }

  private static String shortened(String hash) {
    return hash.substring(0, Math.min(hash.length(), SHORT));
  }

  private static String seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
