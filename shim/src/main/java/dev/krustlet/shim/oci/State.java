package dev.krustlet.shim.oci;

import com.google.gson.Gson;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The state of a container, as its hooks read it.
///
/// @param status `creating`, `running` or `stopped`
/// @param pid null once there is none any more
/// @param annotations those of the spec; null if it has none
public record State(
    String ociVersion,
    String id,
    String status,
    @Nullable Integer pid,
    String bundle,
    @Nullable Map<String, String> annotations) {
  /// The version of the specification that this form of it is of.
  private static final String VERSION = "1.0.2";

  private static final Gson GSON = new Gson();

  /// The state of a container of that bundle.
  public static State of(
      String id, String bundle, Map<String, String> annotations, String status, int pid) {
    return new State(
        VERSION,
        id,
        status,
        pid == 0 ? null : pid,
        bundle,
        annotations.isEmpty() ? null : annotations);
  }

  /// What a hook finds on its standard input.
  public String json() {
    return GSON.toJson(this);
  }
}
