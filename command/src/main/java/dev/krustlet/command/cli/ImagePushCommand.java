package dev.krustlet.command.cli;

import com.google.gson.JsonObject;
import dev.krustlet.command.image.ImageArchive;
import dev.krustlet.command.image.ImageName;
import dev.krustlet.command.image.ImageTree;
import dev.krustlet.command.registry.Push;
import dev.krustlet.shim.oci.Descriptor;
import dev.krustlet.shim.policy.ByteSize;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `krustlet image push`.
@Command(
    name = "push",
    header = "Sends an image to a registry.",
    description = {
      "Sends the image of the layout FILE, as `krustlet image build` makes them, to the registry in"
          + " its name. What the registry has already is not sent again. Prints the name and the"
          + " digest, which does not change on the way.",
      "",
    },
    footer = {
      "",
      "Examples:",
      "  krustlet image push app.tar",
      "  krustlet image push app.tar ghcr.io/me/app:2",
      "  krustlet image push app.tar --user me --password-stdin < token",
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:pushed, or it was there",
      "64:wrong usage",
      "65:FILE is no image layout, or is damaged",
      "66:FILE is missing or may not be read",
      "69:the registry is not reached or refuses, or Java 25 is missing",
      "70:an internal error",
      "74:an input/output error",
      "77:the registry wants other credentials",
    })
final class ImagePushCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "FILE", description = "an OCI image layout in an archive")
  @SuppressWarnings("NullAway.Init") // picocli refuses a command line without it
  private Path file;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME",
      description = "the name to have in the registry; default: the one in FILE")
  private @Nullable ImageName name;

  @Mixin private RegistryOptions options = new RegistryOptions();

  @Override
  public Integer call() throws CommandException, IOException, InterruptedException {
    Modules.check(file, "archive");
    var access = options.access();
    try (var transfer = transfer()) {
      var archive = ImageArchive.open(file);
      Descriptor image = chosen(archive);
      ImageName target = name == null ? named(image) : name;
      var tree = ImageTree.read(image, archive::document);
      transfer.expect(bytes(tree));
      long sent = new Push(archive, tree, access).to(target, transfer::advance);
      report(target, tree.root().descriptor().digest(), sent);
    } catch (IOException e) {
      throw RegistryFailures.of(e);
    }
    return 0;
  }

  private Transfer transfer() {
    return new Transfer(spec.commandLine().getErr(), "pushing " + file, Transfer.isSeen());
  }

  /// The only image of an archive, or the one that has the name.
  private Descriptor chosen(ImageArchive archive) throws CommandException {
    List<Descriptor> all = archive.images();
    if (all.size() == 1) {
      return all.getFirst();
    }
    String wanted = String.valueOf(name);
    return all.stream()
        .filter(each -> ImageArchive.name(each).filter(wanted::equals).isPresent())
        .findFirst()
        .orElseThrow(() ->
            new CommandException(
                ExitStatus.BAD_MODULE,
                "'%s' has %d images and none is called %s: %s"
                    .formatted(
                        file,
                        all.size(),
                        wanted,
                        all.stream().map(ImageArchive::name).flatMap(Optional::stream).toList())));
  }

  private ImageName named(Descriptor image) throws CommandException {
    String inside = ImageArchive.name(image).orElse("");
    try {
      return ImageName.parse(inside);
    } catch (IllegalArgumentException e) {
      throw new CommandException(
          ExitStatus.USAGE,
          "'%s' has no name for its image: give one behind the file".formatted(file));
    }
  }

  private static long bytes(ImageTree tree) {
    return tree.blobs().stream().mapToLong(Descriptor::size).sum();
  }

  private void report(ImageName target, String digest, long sent) {
    PrintWriter out = spec.commandLine().getOut();
    if (options.json()) {
      var object = new JsonObject();
      object.addProperty("name", target.toString());
      object.addProperty("digest", digest);
      object.addProperty("bytes", sent);
      out.println(object);
    } else {
      out.printf("%s@%s, %s sent%n", target, digest, ByteSize.readable(sent));
    }
  }
}
