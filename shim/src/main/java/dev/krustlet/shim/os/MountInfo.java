package dev.krustlet.shim.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The mount points of this process, from /proc/self/mountinfo. Names are kept as the kernel's
/// bytes, a character each, since a name need not be text in any encoding.
final class MountInfo {
  private static final Path FILE = Path.of("/proc/self/mountinfo");
  private static final int MOUNT_POINT = 4; // proc_pid_mountinfo(5)
  private static final Pattern ESCAPE = Pattern.compile("\\\\([0-7]{3})");

  private MountInfo() {}

  /// Mount points at and beneath a path, each as often as something is mounted there.
  static List<String> beneath(String path) throws IOException {
    var prefix = path.equals("/") ? path : path + "/";
    try (var lines = Files.lines(FILE, StandardCharsets.ISO_8859_1)) {
      return lines
          .map(MountInfo::mountPoint)
          .filter(p -> p.equals(path) || p.startsWith(prefix))
          .toList();
    }
  }

  /// Those of them that one type of file system is mounted at.
  static List<String> beneath(String path, String type) throws IOException {
    var prefix = path + "/";
    try (var lines = Files.lines(FILE, StandardCharsets.ISO_8859_1)) {
      return lines
          .filter(line -> type(line).equals(type))
          .map(MountInfo::mountPoint)
          .filter(p -> p.equals(path) || p.startsWith(prefix))
          .toList();
    }
  }

  /// The field behind the lone dash, before which the number of fields varies.
  private static String type(String line) {
    int dash = line.indexOf(" - ");
    return line.substring(dash + 3).split(" ", 2)[0];
  }

  private static String mountPoint(String line) {
    return unescape(line.split(" ", MOUNT_POINT + 2)[MOUNT_POINT]);
  }

  static String unescape(String field) {
    return ESCAPE.matcher(field).replaceAll(m -> Matcher.quoteReplacement(octal(m.group(1))));
  }

  private static String octal(String digits) {
    return String.valueOf((char) Integer.parseInt(digits, 8));
  }

  /// A path as the kernel would print it: its parents' links resolved, its last name as it is.
  static String bytes(Path name) throws IOException {
    var absolute = name.toAbsolutePath().normalize();
    var parent = absolute.getParent();
    var path = absolute;
    if (parent != null && Files.isDirectory(parent)) {
      path = parent.toRealPath().resolve(absolute.getFileName());
    }
    return new String(
        path.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  static String text(String bytes) {
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
