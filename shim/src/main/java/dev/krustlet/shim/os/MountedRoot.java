package dev.krustlet.shim.os;

import static dev.krustlet.shim.os.OpenFlags.O_CLOEXEC;
import static dev.krustlet.shim.os.OpenFlags.O_NOFOLLOW;
import static dev.krustlet.shim.os.OpenFlags.O_PATH;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A container's root as its processes will see it, before anything is mounted there. Paths are
/// walked name by name: where a volume is to be mounted, the walk goes on in the volume. Absolute
/// symbolic links and `..` stay inside, and each link is followed as the container will follow it,
/// from a volume into the root and back.
public final class MountedRoot implements AutoCloseable {
  /// As the kernel bounds the links of one path.
  private static final int MAX_LINKS = 40;

  private final Fd root;

  /// What is to be mounted at a path without links: a source, or nothing that is known before.
  private final Map<String, Optional<Path>> mounts = new HashMap<>();

  private MountedRoot(Fd root) {
    this.root = root;
  }

  /// Holds that directory open as a root.
  ///
  /// @param root trusted; its own symbolic links are followed
  public static MountedRoot open(Path root) throws IOException {
    return new MountedRoot(Fd.locateTrusted(root));
  }

  /// A mount of the container, made after all that were told before: it hides what they have
  /// beneath its place.
  ///
  /// @param source what is bound there; empty for a file system that nobody can look into yet
  public void mount(String destination, Optional<Path> source) throws IOException {
    try (var walk = new Walk()) {
      walk.go(destination);
      String place = walk.path();
      mounts.keySet().removeIf(each -> each.startsWith(place.equals("/") ? "/" : place + "/"));
      mounts.put(place, source);
    }
  }

  /// The place of a file of any kind, unopened; empty if the container will have none there.
  public Optional<Fd> locate(String file) throws IOException {
    try (var walk = new Walk()) {
      walk.go(file);
      return walk.take();
    }
  }

  @Override
  public void close() throws IOException {
    root.close();
  }

  /// Where a walk is: the names from the root on, and what each of them is. A name that is not
  /// there is a place all the same, where a mount may be made.
  private final class Walk implements AutoCloseable {
    private record Step(String name, Optional<Fd> place) {}

    private final List<Step> steps = new ArrayList<>();
    private int links;

    /// Goes to a path, seen from the root.
    void go(String path) throws IOException {
      Deque<String> names = new ArrayDeque<>(names(path));
      while (!names.isEmpty()) {
        String name = names.pop();
        if (name.equals("..")) {
          leave();
        } else {
          Optional<String> link = enter(name);
          if (link.isPresent()) {
            if (++links > MAX_LINKS) {
              throw new ErrnoException("follow", path, Errno.ELOOP);
            }
            turn(link.get());
            names(link.get()).reversed().forEach(names::push);
          }
        }
      }
    }

    private static List<String> names(String path) {
      return Arrays.stream(path.split("/"))
          .filter(name -> !name.isEmpty() && !name.equals("."))
          .toList();
    }

    /// @return what it says, if it is a symbolic link, which is not entered
    private Optional<String> enter(String name) throws IOException {
      Optional<Path> source = mounts.getOrDefault(path(name), Optional.empty());
      if (source.isPresent()) {
        steps.add(new Step(name, opened(Optional.empty(), source.get().toString(), 0)));
        return Optional.empty();
      }
      if (mounts.containsKey(path(name))) {
        steps.add(new Step(name, Optional.empty()));
        return Optional.empty();
      }
      Optional<Fd> here = here();
      var next = here.isEmpty() ? here : opened(here, name, O_NOFOLLOW);
      steps.add(new Step(name, next));
      if (next.isEmpty() || !Stat.of(next.get()).isSymbolicLink()) {
        return Optional.empty();
      }
      String link = LibcFiles.readlinkat(next.get().number(), "");
      leave();
      return Optional.of(link);
    }

    /// @param directory to open a name in; without one it is the path of a source, which is trusted
    private static Optional<Fd> opened(Optional<Fd> directory, String name, int flags)
        throws IOException {
      try {
        int all = O_PATH | O_CLOEXEC | flags;
        return Optional.of(
            directory.isPresent()
                ? LibcFiles.openat(directory.get(), name, all, 0)
                : LibcFiles.open(name, all, 0));
      } catch (ErrnoException e) {
        return switch (e.errno()) {
          case Errno.ENOENT, Errno.ENOTDIR, Errno.ENAMETOOLONG -> Optional.empty();
          default -> throw e;
        };
      }
    }

    private Optional<Fd> here() {
      return steps.isEmpty() ? Optional.of(root) : steps.getLast().place();
    }

    private void turn(String link) throws IOException {
      while (link.startsWith("/") && !steps.isEmpty()) {
        leave();
      }
    }

    private void leave() throws IOException {
      if (!steps.isEmpty()) {
        Optional<Fd> left = steps.removeLast().place();
        if (left.isPresent()) {
          left.get().close();
        }
      }
    }

    String path() {
      return steps.isEmpty() ? "/" : path("").substring(0, path("").length() - 1);
    }

    private String path(String next) {
      var path = new StringBuilder("/");
      steps.forEach(step -> path.append(step.name()).append('/'));
      return path.append(next).toString();
    }

    /// What is at the end of the walk; the caller owns it.
    Optional<Fd> take() throws IOException {
      if (steps.isEmpty()) {
        return Optional.empty();
      }
      return steps.removeLast().place();
    }

    @Override
    public void close() throws IOException {
      while (!steps.isEmpty()) {
        leave();
      }
    }
  }
}
