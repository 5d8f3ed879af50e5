package dev.krustlet.shim.os;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A mount of a file system: overlay, tmpfs, ext4, ….
final class FileSystemMount {
  /// mount(2) takes a page of data with its final 0, and cuts what is longer.
  private static final int MAX_DATA = 4095;

  private static final String LOWER = "lowerdir=";

  private FileSystemMount() {}

  static void make(String type, String source, Path target, MountOptions options)
      throws IOException {
    var held = new ArrayList<Fd>();
    try {
      var data = data(type, target, options.data(), held);
      mount(type, source, target, options, data);
    } finally {
      for (var fd : held) {
        fd.close();
      }
    }
    propagate(target, options);
  }

  private static void mount(
      String type, String source, Path target, MountOptions options, String data)
      throws ErrnoException {
    try {
      LibcMounts.mount(source, target.toString(), type, options.flags(), data);
    } catch (ErrnoException e) {
      throw new ErrnoException("mount " + type + " at", Places.name(target), e.errno());
    }
  }

  private static String data(String type, Path target, List<String> options, List<Fd> held)
      throws IOException {
    var data = String.join(",", options);
    if (type.equals("overlay") && data.length() > MAX_DATA) {
      data = String.join(",", shortened(options, held));
    }
    if (data.length() > MAX_DATA) {
      throw new IOException(
          "mount %s at %s: its options are longer than %d bytes"
              .formatted(type, Places.name(target), MAX_DATA));
    }
    return data;
  }

  /// Many layers under long names: each is held open and named by its descriptor.
  private static List<String> shortened(List<String> options, List<Fd> held) throws ErrnoException {
    var result = new ArrayList<String>();
    for (var option : options) {
      result.add(option.startsWith(LOWER) ? LOWER + descriptors(option, held) : option);
    }
    return result;
  }

  private static String descriptors(String option, List<Fd> held) throws ErrnoException {
    var names = new ArrayList<String>();
    for (var directory : layers(option.substring(LOWER.length()))) {
      int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;
      var fd = LibcFiles.open(directory, flags, 0);
      held.add(fd);
      names.add(fd.procPath().toString());
    }
    return String.join(":", names);
  }

  /// Splits at colons; a backslash takes the next character as it is.
  static List<String> layers(String list) {
    var layers = new ArrayList<String>();
    var layer = new StringBuilder();
    for (int i = 0; i < list.length(); i++) {
      char c = list.charAt(i);
      if (c == ':') {
        layers.add(layer.toString());
        layer.setLength(0);
      } else {
        layer.append(c == '\\' && i + 1 < list.length() ? list.charAt(++i) : c);
      }
    }
    layers.add(layer.toString());
    return layers;
  }

  private static void propagate(Path target, MountOptions options) throws ErrnoException {
    if (options.propagation() == 0) {
      return;
    }
    int flags = OpenFlags.O_PATH | OpenFlags.O_CLOEXEC;
    var name = Places.name(target);
    try (var top = LibcFiles.open(name, flags, 0)) {
      Places.propagate(top.procPath().toString(), options);
    }
  }
}
