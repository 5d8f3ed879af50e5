package dev.krustlet.shim.settings;

import com.electronwill.nightconfig.core.UnmodifiableConfig;
import com.electronwill.nightconfig.core.io.ParsingException;
import com.electronwill.nightconfig.toml.TomlParser;
import dev.krustlet.shim.policy.ByteSize;
import dev.krustlet.shim.policy.NodePolicy;
import dev.krustlet.shim.policy.TimeSpan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The node's settings, read from `/etc/krustlet/config.toml`. A missing file means the defaults;
/// an unknown key is an error, for a misspelt limit that is silently ignored is no limit.
///
/// @param idleTimeout how long the daemon stays without a container
/// @param cacheDirectory compiled modules
/// @param cacheBytes the most that compiled modules may take
/// @param logDirectory the daemon's log
/// @param wasi3 whether components of WASI 0.3 run
/// @param policy what guests may do
public record NodeSettings(
    Duration idleTimeout,
    Path cacheDirectory,
    long cacheBytes,
    Path logDirectory,
    boolean wasi3,
    NodePolicy policy) {
  public static final NodeSettings DEFAULT =
      new NodeSettings(
          Duration.ofMinutes(10),
          Path.of("/var/lib/krustlet/cache"),
          2L << 30,
          Path.of("/var/log/krustlet"),
          false,
          NodePolicy.DEFAULT);

  /// The environment variable that names another file.
  public static final String FILE_VARIABLE = "KRUSTLET_CONFIG";

  private static final Path DEFAULT_FILE = Path.of("/etc/krustlet/config.toml");
  private static final Set<String> KEYS =
      Set.of("idle_timeout", "cache_dir", "cache_size", "log_dir", "engine", "wasi3", "policy");
  private static final int MAX_BYTES = 1 << 20;

  /// The file that they stand in.
  ///
  /// @param named the value of [#FILE_VARIABLE], if it is set
  public static Path file(@Nullable String named) {
    return named == null || named.isEmpty() ? DEFAULT_FILE : Path.of(named);
  }

  /// Reads the file, or gives the defaults where there is none.
  ///
  /// @throws IOException with a sentence that names the file and the key
  public static NodeSettings read(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      var text = new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
      return parse(text);
    } catch (NoSuchFileException _) {
      return DEFAULT;
    } catch (ParsingException | IllegalArgumentException e) {
      throw new IOException("cannot use %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  static NodeSettings parse(String toml) {
    UnmodifiableConfig values = new TomlParser().parse(toml);
    var settings = new SettingsTable(values, "");
    settings.refuseOthers(KEYS);
    checkEngine(text(values, "engine", "native"));
    return new NodeSettings(
        TimeSpan.parse(text(values, "idle_timeout", "10m")),
        Path.of(text(values, "cache_dir", DEFAULT.cacheDirectory.toString())),
        ByteSize.parse(text(values, "cache_size", "2Gi")),
        Path.of(text(values, "log_dir", DEFAULT.logDirectory.toString())),
        settings.isOn("wasi3", DEFAULT.wasi3),
        PolicySettings.read(values));
  }

  /// There is one that may run containers. Whoever asks for the other learns why it may not.
  private static void checkEngine(String engine) {
    switch (engine) {
      case "native" -> {}
      case "portable" ->
          throw new IllegalArgumentException(
              "engine 'portable' runs no containers: its guests would share a process with what may"
                  + " not be shared, on a Wasmtime without security fixes; it is for `krustlet run`");
      default ->
          throw new IllegalArgumentException("engine is 'native', not '%s'".formatted(engine));
    }
  }

  private static String text(UnmodifiableConfig values, String key, String otherwise) {
    return switch (values.<Object>getRaw(key)) {
      case null -> otherwise;
      case String s -> s;
      case Object o ->
          throw new IllegalArgumentException("'%s' wants a string, not %s".formatted(key, o));
    };
  }
}
