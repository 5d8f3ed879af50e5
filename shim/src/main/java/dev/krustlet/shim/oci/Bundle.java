package dev.krustlet.shim.oci;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/// The directory containerd prepares for a container: its config.json, and where its root goes.
public final class Bundle {
  private static final String CONFIG = "config.json";
  private static final int MAX_BYTES = 8 << 20;
  private static final int MAX_NESTING = 64;

  private static final Gson GSON =
      new GsonBuilder()
          .setStrictness(Strictness.STRICT)
          .registerTypeAdapter(long.class, new WholeNumbers.OfLong())
          .registerTypeAdapter(Long.class, new WholeNumbers.OfLong())
          .registerTypeAdapter(int.class, new WholeNumbers.OfInt())
          .registerTypeAdapter(Integer.class, new WholeNumbers.OfInt())
          .create();

  private Bundle() {}

  /// Reads the bundle's config.json.
  ///
  /// @throws IOException if it cannot be read
  /// @throws SpecException if it is no spec; the message names the file, the field and the fault
  public static Spec load(Path bundle) throws IOException, SpecException {
    return read(bundle.resolve(CONFIG), Spec.class);
  }

  /// Reads the process of an exec, as containerd and runc pass it.
  public static Process parseProcess(String json) throws SpecException {
    return parse("process spec", json, Process.class);
  }

  /// Reads the process of an exec whose caller has the last word on its terminal.
  public static Document<Process> parseProcess(String json, boolean terminal) throws SpecException {
    Process process = parseProcess(json);
    if (process.terminal() == terminal) {
      return new Document<>(process, json);
    }
    var object = JsonParser.parseString(json).getAsJsonObject();
    object.addProperty("terminal", terminal);
    return new Document<>(parseProcess(object.toString()), object.toString());
  }

  /// Reads the new limits of an update, as containerd and runc pass them.
  public static Resources parseResources(String json) throws SpecException {
    return parse("resources", json, Resources.class);
  }

  private static <T> T read(Path file, Class<T> type) throws IOException, SpecException {
    if (Files.size(file) > MAX_BYTES) {
      throw new SpecException(
          file.toString(),
          "larger than %d bytes; shorten its args, env or annotations".formatted(MAX_BYTES));
    }
    try (var in = new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8)) {
      return parse(file.toString(), in, type);
    }
  }

  static <T> T parse(String document, String json, Class<T> type) throws SpecException {
    return parse(document, new StringReader(json), type);
  }

  private static <T> T parse(String document, Reader json, Class<T> type) throws SpecException {
    var reader = new JsonReader(new BoundedStrings(json));
    reader.setNestingLimit(MAX_NESTING);
    try {
      if (reader.peek() != JsonToken.BEGIN_OBJECT) {
        throw new SpecException(document, "is no JSON object");
      }
      T value = Objects.requireNonNull(GSON.fromJson(reader, type));
      JsonToken _ = reader.peek(); // fails if anything follows
      return value;
    } catch (IOException | RuntimeException e) { // a record's refusal arrives as any of these
      throw new SpecException(document, field(reader), fault(e), e);
    }
  }

  private static String field(JsonReader reader) {
    var path = reader.getPath();
    return path.equals("$") ? "at its top" : path.replaceFirst("^\\$\\.", "field ");
  }

  /// The innermost cause's own words, without Gson's position and advice.
  private static String fault(Throwable e) {
    var cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof MalformedJsonException) {
      return "malformed JSON";
    }
    var message = cause.getMessage();
    return message == null
        ? "null is not allowed here"
        : message.lines().findFirst().orElse("").replaceFirst(" at line .*", "");
  }
}
