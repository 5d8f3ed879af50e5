package dev.krustlet.command.cli;

import com.google.gson.JsonObject;
import dev.krustlet.command.image.ImageReference;
import dev.krustlet.command.image.ImageTree;
import dev.krustlet.command.registry.Pull;
import dev.krustlet.shim.oci.Descriptor;
import dev.krustlet.shim.policy.ByteSize;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `krustlet image pull`.
@Command(
    name = "pull",
    header = "Fetches an image from a registry.",
    description = {
      "Writes the image NAME to OUT as an OCI image layout, which `ctr images import OUT` and other"
          + " tools take. Every part of it is what its digest says, or OUT is not written. Of an"
          + " image for several platforms all are fetched.",
      "",
    },
    footer = {
      "",
      "Examples:",
      "  krustlet image pull ghcr.io/me/app:1 -o app.tar",
      "  krustlet image pull localhost:5000/app@sha256:5f70bf18... -o app.tar --json",
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:fetched",
      "64:wrong usage",
      "65:what the registry sends is damaged",
      "66:the registry has no such image",
      "69:the registry is not reached or refuses, or Java 25 is missing",
      "70:an internal error",
      "74:an input/output error, as when OUT cannot be written",
      "77:the registry wants other credentials",
    })
final class ImagePullCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description = "such as ghcr.io/me/app:1, or with @sha256:... for one that cannot change")
  @SuppressWarnings("NullAway.Init") // picocli refuses a command line without it
  private ImageReference image;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      required = true,
      description = "the archive to write")
  @SuppressWarnings("NullAway.Init") // picocli refuses a command line without it
  private Path output;

  @Mixin private RegistryOptions options = new RegistryOptions();

  @Override
  public Integer call() throws CommandException, IOException, InterruptedException {
    var pull = new Pull(image, options.access());
    Path draft = draft();
    try (var transfer = transfer()) {
      ImageTree tree;
      try (var out = new BufferedOutputStream(Files.newOutputStream(draft))) {
        tree = pull.to(out, found -> transfer.expect(bytes(found)), transfer::advance);
      }
      Files.move(draft, output, StandardCopyOption.REPLACE_EXISTING);
      report(tree.root().descriptor().digest());
    } catch (IOException e) {
      throw RegistryFailures.of(e);
    } finally {
      Files.deleteIfExists(draft);
    }
    return 0;
  }

  /// A file beside OUT, so that nobody takes half an image for a whole one.
  private Path draft() throws CommandException {
    Path whole = output.toAbsolutePath();
    try {
      if (Files.isDirectory(whole)) {
        throw new IOException("it is a directory");
      }
      return Files.createFile(
          whole.resolveSibling(".%s.%d.part".formatted(whole.getFileName(), System.nanoTime())));
    } catch (IOException e) {
      throw new CommandException(
          ExitStatus.IO_ERROR, "'%s' cannot be written: %s".formatted(output, Failures.cause(e)));
    }
  }

  private Transfer transfer() {
    return new Transfer(spec.commandLine().getErr(), "pulling " + image, Transfer.isSeen());
  }

  private static long bytes(ImageTree tree) {
    return tree.blobs().stream().mapToLong(Descriptor::size).sum();
  }

  private void report(String digest) throws IOException {
    long bytes = Files.size(output);
    PrintWriter out = spec.commandLine().getOut();
    if (options.json()) {
      var object = new JsonObject();
      object.addProperty("name", image.toString());
      object.addProperty("digest", digest);
      object.addProperty("path", output.toString());
      object.addProperty("bytes", bytes);
      out.println(object);
    } else {
      out.printf("%s@%s in %s, %s%n", image.name(), digest, output, ByteSize.readable(bytes));
    }
  }
}
