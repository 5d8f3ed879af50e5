package dev.krustlet.command.cli;

import com.google.gson.JsonObject;
import dev.krustlet.command.image.ImageForm;
import dev.krustlet.command.image.ImageLayout;
import dev.krustlet.command.image.ImageName;
import dev.krustlet.command.image.ImageSettings;
import dev.krustlet.command.image.WasmFile;
import dev.krustlet.command.image.WasmImage;
import dev.krustlet.shim.oci.Platform;
import dev.krustlet.shim.policy.ByteSize;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `krustlet image build`.
@Command(
    name = "build",
    header = "Makes an image of a wasm file.",
    description = {
      "Writes an OCI image layout to OUT, which `ctr images import OUT` and other tools take. The"
          + " file is the entrypoint, as /FILE. The same file and options give the same digests.",
      "",
      "Without --wasm-layer or --artifact it is an ordinary image for this machine's platform,"
          + " which every containerd runs.",
      "",
    },
    footer = {
      "",
      "Examples:",
      "  krustlet image build app.wasm -t ghcr.io/me/app:1 -o app.tar",
      "  krustlet image build app.wasm -t ghcr.io/me/app:1 -o app.tar --env LOG=debug -- --port 80",
      "  krustlet image build app.wasm -t ghcr.io/me/app:1 -o app.tar --artifact",
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:built",
      "64:wrong usage",
      "65:FILE is no wasm, or cannot have the form asked for",
      "66:FILE is missing or may not be read",
      "69:Java 25 is missing",
      "70:an internal error",
      "74:an input/output error, as when OUT cannot be written",
    })
final class ImageBuildCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "FILE", description = "a module or a component")
  @SuppressWarnings("NullAway.Init") // picocli refuses a command line without it
  private Path file;

  @Parameters(
      index = "1..*",
      paramLabel = "ARGS",
      description = "arguments unless the pod gives others; those that begin with - go after --")
  private List<String> arguments = new ArrayList<>();

  @Option(
      names = {"-t", "--tag"},
      paramLabel = "NAME",
      required = true,
      description = "the image's name, such as ghcr.io/me/app:1")
  @SuppressWarnings("NullAway.Init") // picocli refuses a command line without it
  private ImageName name;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      required = true,
      description = "the archive to write")
  @SuppressWarnings("NullAway.Init") // picocli refuses a command line without it
  private Path output;

  @Option(
      names = "--env",
      paramLabel = "NAME=VALUE",
      description = "a variable of the environment; may be repeated")
  private List<EnvironmentVariable> environment = new ArrayList<>();

  @ArgGroup private Form form = new Form();

  @Option(names = "--json", description = "print one JSON object: name, digest, form, path, bytes")
  private boolean json;

  /// At most one of them.
  private static final class Form {
    @Option(
        names = "--wasm-layer",
        description = "an image for the platform wasm, with the file itself as its layer")
    private boolean wasmLayer;

    @Option(names = "--artifact", description = "the CNCF's wasm artifact")
    private boolean artifact;

    ImageForm wanted() {
      return artifact ? ImageForm.ARTIFACT : wasmLayer ? ImageForm.WASM_LAYER : ImageForm.ORDINARY;
    }
  }

  @Override
  public Integer call() throws CommandException, IOException {
    Modules.check(file);
    WasmImage image = image(Files.readAllBytes(file));
    try (var out = new BufferedOutputStream(Files.newOutputStream(output))) {
      ImageLayout.write(name, image, out);
    } catch (IOException e) {
      throw new CommandException(
          ExitStatus.IO_ERROR, "'%s' cannot be written: %s".formatted(output, Failures.cause(e)));
    }
    report(image);
    return 0;
  }

  private WasmImage image(byte[] bytes) throws CommandException {
    var settings =
        new ImageSettings(
            Platform.NODE.architecture(),
            environment.stream().map(EnvironmentVariable::toString).toList(),
            arguments,
            Instant.EPOCH);
    try {
      var wasm = WasmFile.of(file.getFileName().toString(), bytes);
      return WasmImage.of(wasm, form.wanted(), settings);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitStatus.BAD_MODULE, String.valueOf(e.getMessage()));
    }
  }

  private void report(WasmImage image) throws IOException {
    String digest = image.manifest().digest();
    String kind = form.wanted().name().toLowerCase(Locale.ROOT).replace('_', '-');
    long bytes = Files.size(output);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      var object = new JsonObject();
      object.addProperty("name", name.toString());
      object.addProperty("digest", digest);
      object.addProperty("form", kind);
      object.addProperty("path", output.toString());
      object.addProperty("bytes", bytes);
      out.println(object);
    } else {
      out.printf("%s@%s in %s, %s%n", name, digest, output, ByteSize.readable(bytes));
    }
  }
}
