package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Has `krustlet image build` make images and gives them to a containerd.
record BuiltImages(PrivateContainerd containerd) {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /// Makes an image of an example and imports it. containerd before 1.6.25 takes the forms without
  /// a root only if it is not to unpack them.
  ///
  /// @param form the flag of the form; empty for an ordinary image
  void load(String example, String name, String form, String... words)
      throws IOException, InterruptedException {
    loadFile(containerd.installation().example(example), name, form, words);
  }

  /// The same of any file.
  void loadFile(Path module, String name, String form, String... words)
      throws IOException, InterruptedException {
    String archive = build(module, name, form, words).toString();
    Finished imported =
        form.isEmpty() || unpacksWithoutRoot()
            ? containerd.ctr("images", "import", archive)
            : containerd.ctr("images", "import", "--no-unpack", archive);
    assertThat(imported.status()).as(imported.err()).isZero();
  }

  /// Whether this containerd makes containers of images that have no root.
  boolean unpacksWithoutRoot() throws IOException {
    return containerd.installation().makesContainersWithoutRoot();
  }

  private Path build(Path module, String name, String form, String... arguments)
      throws IOException, InterruptedException {
    Path archive = containerd.bed().path().resolve("built.tar");
    var words = new ArrayList<String>();
    words.addAll(List.of("image", "build", module.toString()));
    words.addAll(List.of("--tag", name, "--output", archive.toString()));
    if (!form.isEmpty()) {
      words.add(form);
    }
    words.addAll(Arrays.asList(arguments));
    Finished built = krustlet(words.toArray(String[]::new));
    assertThat(built.status()).as(built.err()).isZero();
    assertThat(built.out()).contains(name + "@sha256:");
    return archive;
  }

  /// Runs the command of the distribution in containerd's environment.
  Finished krustlet(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(containerd.installation().krustlet().resolve("krustlet").toString());
    command.addAll(Arrays.asList(arguments));
    try (Command run =
        Command.start(command, containerd.environment(), containerd.bed().outputs())) {
      return run.await(DEADLINE);
    }
  }
}
