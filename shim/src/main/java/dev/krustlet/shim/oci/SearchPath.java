package dev.krustlet.shim.oci;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Where a process's program is looked for, as exec does.
public final class SearchPath {
  private static final String VARIABLE = "PATH=";

  /// What a system has its programs in, where no PATH is set.
  public static final String DEFAULT =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private SearchPath() {}

  /// The paths that a program may have, the first one first. A name with a slash is a path from the
  /// working directory, any other is looked for along PATH, an empty entry of which is the working
  /// directory.
  ///
  /// @param environment of the process; the last PATH counts
  /// @param cwd absolute
  public static Stream<String> candidates(List<String> environment, String cwd, String name) {
    return isPath(name)
        ? Stream.of(below(cwd, name))
        : Stream.of(path(environment).split(":", -1))
            .map(directory -> below(below(cwd, directory), name));
  }

  /// Whether it says by itself where it is.
  public static boolean isPath(String name) {
    return name.contains("/");
  }

  /// The path of a name in a directory. Steps up are left to the file system, where the directory
  /// before them may be a symbolic link.
  public static String below(String directory, String name) {
    String path = name.startsWith("/") ? name : directory + "/" + name;
    return Stream.of(path.split("/"))
        .filter(each -> !each.isEmpty() && !each.equals("."))
        .collect(Collectors.joining("/", "/", ""));
  }

  private static String path(List<String> environment) {
    return environment.stream()
        .filter(each -> each.startsWith(VARIABLE))
        .map(each -> each.substring(VARIABLE.length()))
        .reduce((_, later) -> later)
        .orElse(DEFAULT);
  }
}
