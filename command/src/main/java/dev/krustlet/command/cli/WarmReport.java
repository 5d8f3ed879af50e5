package dev.krustlet.command.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.krustlet.shim.engine.WasmLayer;
import dev.krustlet.shim.oci.Digests;
import dev.krustlet.shim.policy.ByteSize;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What became of the modules that were to be compiled.
final class WarmReport {
  private final List<Line> lines = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  /// What became of one.
  enum State {
    COMPILED,
    WAS_THERE,
    FAILED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  private record Line(String image, WasmLayer module, State state, Duration time) {
    /// Its name without that of the image.
    String name() {
      String suffix = " of image " + image;
      String name = module.name();
      return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : name;
    }
  }

  void add(String image, WasmLayer module, State state, Duration time) {
    lines.add(new Line(image, module, state, time));
  }

  /// @param sentence for the user
  void fail(String sentence) {
    failures.add(sentence);
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  void print(PrintWriter out, boolean json) {
    if (json) {
      out.println(json());
    } else if (!lines.isEmpty()) {
      table().print(out);
    }
  }

  private Table table() {
    var table = new Table("MODULE", "IMAGE", "SIZE", "TIME", "STATE");
    for (Line each : lines) {
      table.row(
          each.name(),
          each.image(),
          ByteSize.readable(each.module().size()),
          each.time().toMillis() + " ms",
          each.state().toString());
    }
    return table;
  }

  private JsonObject json() {
    var modules = new JsonArray();
    for (Line each : lines) {
      var object = new JsonObject();
      object.addProperty("image", each.image());
      object.addProperty("module", each.name());
      object.addProperty("digest", Digests.SHA256 + each.module().sha256());
      object.addProperty("bytes", each.module().size());
      object.addProperty("milliseconds", each.time().toMillis());
      object.addProperty("state", each.state().toString());
      modules.add(object);
    }
    var whole = new JsonObject();
    whole.add("modules", modules);
    return whole;
  }
}
