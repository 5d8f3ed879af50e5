package dev.krustlet.command.cli;

import dev.krustlet.command.portable.PortableGuest;
import dev.krustlet.command.portable.RefusedModuleException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The JVM of one guest on the portable engine, started by [PortableRun] with: a count of variables
/// and these, a count of directories and these, the module, its arguments.
final class PortableMain {
  private PortableMain() {}

  public static void main(String[] args) {
    System.exit(run(new ArrayDeque<>(List.of(args))));
  }

  private static int run(Deque<String> words) {
    var environment = counted(words).stream().map(EnvironmentVariable::parse).toList();
    var directories = counted(words).stream().map(DirectoryMapping::parse).toList();
    String file = words.getFirst();
    var guest = new PortableGuest(List.copyOf(words));
    environment.forEach(v -> guest.environment(v.name(), v.value()));
    directories.forEach(d -> guest.directory(Path.of(d.host()), d.guest(), d.readOnly()));
    return end(guest, file);
  }

  private static int end(PortableGuest guest, String file) {
    try {
      PortableGuest.load();
      return guest.run(Files.readAllBytes(Path.of(file)), System.err::println);
    } catch (RefusedModuleException e) {
      return say(ExitStatus.BAD_MODULE, "'%s' %s".formatted(file, e.getMessage()));
    } catch (IOException e) {
      return say(ExitStatus.IO_ERROR, Failures.cause(e));
    } catch (LinkageError e) {
      return say(ExitStatus.UNAVAILABLE, "the portable engine cannot be loaded: " + e);
    }
  }

  private static int say(int status, String sentence) {
    System.err.println("krustlet: " + sentence.strip().replaceAll("\\R\\s*", " "));
    return status;
  }

  private static List<String> counted(Deque<String> words) {
    int count = Integer.parseInt(words.removeFirst());
    List<String> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(words.removeFirst());
    }
    return values;
  }
}
