package dev.krustlet.shim.engine.wasm;

import dev.krustlet.shim.oci.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A container's poststop hooks as a script in its bundle, which the launcher's `delete` runs when
/// the daemon has died before it ran them. It uses what every node has, and no JVM.
final class PoststopScript {
  private static final Logger LOG = LoggerFactory.getLogger(PoststopScript.class);
  private static final String NAME = "poststop";

  private PoststopScript() {}

  static void write(Path bundle, List<HookProgram> programs, State state) throws IOException {
    String hooks =
        programs.stream().map(PoststopScript::line).collect(Collectors.joining("\n", "", "\n"));
    Files.writeString(
        bundle.resolve(NAME),
        "cd %s || exit\nstate=%s\n%s"
            .formatted(quoted(bundle.toString()), quoted(state.json()), hooks));
  }

  static void remove(Path bundle) {
    try {
      Files.deleteIfExists(bundle.resolve(NAME));
    } catch (IOException e) {
      LOG.warn("the poststop hooks of {} may run again", bundle, e);
    }
  }

  private static String line(HookProgram program) {
    List<String> environment = program.hook().env();
    String path = environment.isEmpty() ? " PATH=\"$PATH\"" : "";
    return Stream.concat(
            environment.stream().filter(each -> each.indexOf('=') > 0), program.command().stream())
        .map(PoststopScript::quoted)
        .collect(
            Collectors.joining(
                " ",
                "printf %%s \"$state\" | timeout -s KILL %d env -i%s "
                    .formatted(program.seconds(), path),
                ""));
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
