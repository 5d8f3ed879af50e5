package dev.krustlet.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A directory that a private containerd and all that it starts live in, and the traces of it in
/// the kernel: by its name every process, mount and cgroup of it can be found.
///
/// @param path short, for the path of a socket has 107 bytes
public record Bed(Path path) {
  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
  private static final Path RUNC = Path.of("/run/containerd/runc");

  public static Bed make() throws IOException {
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    String name = "krt-%06x".formatted(ThreadLocalRandom.current().nextInt(1 << 24));
    var bed = new Bed(Files.createDirectory(Path.of("/tmp", name), mode));
    Files.createDirectory(bed.outputs());
    Files.createDirectory(bed.fifos());
    return bed;
  }

  /// Also containerd's namespace, so that no cgroup and no runc state is shared with others.
  public String name() {
    return path.getFileName().toString();
  }

  public Path outputs() {
    return path.resolve("out");
  }

  /// For ctr, which puts them elsewhere unless told.
  public Path fifos() {
    return path.resolve("f");
  }

  /// The cgroup of the pods, as a kubelet calls it.
  public String cgroupParent() {
    return CgroupDriver.ofBuild().parent(name());
  }

  /// The cgroups of containers of ours.
  List<Path> cgroups() throws IOException {
    var found = new ArrayList<Path>();
    for (Path parent : parents()) {
      if (parent.startsWith(CGROUPS)) {
        found.addAll(tree(parent));
      }
    }
    found.removeIf(each -> !Files.isDirectory(each));
    return found;
  }

  /// Where runc keeps the states of containers that CRI made, by namespace.
  Path runtimes() {
    return path.resolve("rt");
  }

  public void removeFifos() throws IOException {
    for (Path each : tree(fifos()).reversed()) {
      if (!each.equals(fifos())) {
        Files.delete(each);
      }
    }
  }

  /// Every process that names this directory in its command, its environment or its root mount.
  public Set<Long> processes() throws IOException {
    var found = new TreeSet<Long>();
    for (Path each : list(Path.of("/proc"))) {
      String pid = each.getFileName().toString();
      if (pid.chars().allMatch(Character::isDigit) && isOurs(each)) {
        found.add(Long.parseLong(pid));
      }
    }
    return found;
  }

  /// The processes among ours that run a program, without their children that were forked and have
  /// yet to become something else.
  ///
  /// @param word something of its command line
  public Set<Long> processes(String word) throws IOException {
    var found = new TreeSet<Long>();
    for (long pid : processes()) {
      if (read(Path.of("/proc", Long.toString(pid), "cmdline")).contains(word)) {
        found.add(pid);
      }
    }
    var all = Set.copyOf(found);
    found.removeIf(pid -> parent(pid).filter(all::contains).isPresent());
    return found;
  }

  private static Optional<Long> parent(long pid) {
    return ProcessHandle.of(pid).flatMap(ProcessHandle::parent).map(ProcessHandle::pid);
  }

  /// What containers leave if somebody forgets it: mounts, cgroups, sockets and fifos. The sockets
  /// of containerd and of the daemon do not count.
  public List<String> traces() throws IOException {
    var found = new ArrayList<String>();
    Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .filter(line -> line.contains(path + "/"))
        .forEach(found::add);
    for (Path parent : parents()) {
      list(parent).stream().filter(Files::isDirectory).forEach(each -> found.add(each.toString()));
    }
    for (Path each : tree(path)) {
      if (isSpecial(each)
          && !each.startsWith(images())
          && !each.startsWith(daemons())
          && !isContainerds(each)) {
        found.add(each.toString());
      }
    }
    return found;
  }

  /// Where each living daemon has its sockets.
  public Path daemons() {
    return path.resolve("k/run");
  }

  /// containerd's root, where it removes what containers have written when it finds the time.
  Path images() {
    return path.resolve("r");
  }

  private boolean isContainerds(Path socket) {
    return socket.startsWith(path) && socket.getFileName().toString().startsWith("c.sock");
  }

  /// Whether it is a fifo, a socket or a device, which it is not any more when it is gone.
  private static boolean isSpecial(Path each) {
    try {
      return Files.readAttributes(each, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .isOther();
    } catch (IOException _) {
      return false;
    }
  }

  /// The directories in which runc keeps cgroups and states of containers of ours alone. It never
  /// removes them.
  private Set<Path> parents() throws IOException {
    var found = new LinkedHashSet<Path>();
    var hierarchies = new ArrayList<>(list(CGROUPS));
    hierarchies.removeIf(Files::isSymbolicLink);
    hierarchies.add(CGROUPS); // which is the only one where all are unified
    for (Path hierarchy : hierarchies) {
      found.add(hierarchy.resolve(name()));
      found.add(hierarchy.resolve(cgroupParent().substring(1)));
    }
    found.add(RUNC.resolve(name()));
    if (Files.isDirectory(runtimes())) {
      found.addAll(list(runtimes()));
    }
    found.removeIf(each -> !Files.isDirectory(each));
    return found;
  }

  /// Takes everything away; all processes have ended before.
  public void remove() throws IOException, InterruptedException {
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo")).reversed()) {
      String mounted = line.split(" ", -1)[4];
      if (mounted.startsWith(path + "/")) {
        new ProcessBuilder("umount", "-l", mounted).start().waitFor();
      }
    }
    for (Path parent : parents()) {
      delete(parent);
    }
    delete(path);
  }

  /// Also a cgroup, whose files nobody can delete, and which systemd may remove meanwhile.
  private static void delete(Path directory) throws IOException {
    for (Path each : tree(directory).reversed()) {
      if (!each.startsWith(CGROUPS) || Files.isDirectory(each)) {
        Files.deleteIfExists(each);
      }
    }
  }

  private boolean isOurs(Path process) {
    return Stream.of("cmdline", "environ", "mountinfo")
        .anyMatch(file ->
            file.equals("mountinfo")
                ? rootMount(process).contains(path + "/")
                : read(process.resolve(file)).contains(path.toString()));
  }

  private static String rootMount(Path process) {
    return read(process.resolve("mountinfo"))
        .lines()
        .filter(line -> line.split(" ", -1)[4].equals("/"))
        .reduce("", String::concat);
  }

  /// Empty for a process that has just ended.
  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException | UncheckedIOException _) {
      return "";
    }
  }

  private static List<Path> list(Path directory) throws IOException {
    try (var entries = Files.list(directory)) {
      return entries.toList();
    }
  }

  /// Everything beneath, parents first; what goes away meanwhile is left out.
  private static List<Path> tree(Path directory) throws IOException {
    var found = new ArrayList<Path>();
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) {
            found.add(each);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path each, BasicFileAttributes attributes) {
            found.add(each);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path each, IOException gone) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path each, @Nullable IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }
}
