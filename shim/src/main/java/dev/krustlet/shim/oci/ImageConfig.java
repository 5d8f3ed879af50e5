package dev.krustlet.shim.oci;

import com.google.gson.annotations.SerializedName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an image says about the process that is made of it.
public record ImageConfig(Run config) {
  public ImageConfig(@Nullable Run config) {
    this.config = config == null ? new Run(null, null, null, null) : config;
  }

  /// @param directory the working directory
  public record Run(
      @SerializedName("Entrypoint") List<String> entrypoint,
      @SerializedName("Cmd") List<String> arguments,
      @SerializedName("Env") List<String> environment,
      @SerializedName("WorkingDir") String directory) {
    public Run(
        @Nullable List<String> entrypoint,
        @Nullable List<String> arguments,
        @Nullable List<String> environment,
        @Nullable String directory) {
      this.entrypoint = Absent.list(entrypoint);
      this.arguments = Absent.list(arguments);
      this.environment = Absent.list(environment);
      this.directory = Absent.string(directory).isEmpty() ? "/" : Absent.string(directory);
    }

    /// The command, if a pod says nothing else.
    public List<String> command() {
      List<String> command = new ArrayList<>(entrypoint);
      command.addAll(arguments);
      return command;
    }
  }

  /// @param document what to call it in messages
  public static ImageConfig parse(String document, String json) throws SpecException {
    return Bundle.parse(document, json, ImageConfig.class);
  }
}
