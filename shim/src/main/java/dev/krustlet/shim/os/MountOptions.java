package dev.krustlet.shim.os;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Mount options as fstab writes them, sorted into what the kernel takes apart: flags, changes of a
/// mount's attributes, propagation, and the file system's own data.
///
/// @param flags for mount(2)
/// @param set attributes for mount_setattr(2)
/// @param clear attributes for mount_setattr(2) to take away first
/// @param propagation an MS_ flag, or 0 to leave it
record MountOptions(
    long flags,
    long set,
    long clear,
    boolean bind,
    boolean recursive,
    boolean remount,
    long propagation,
    boolean propagateRecursively,
    List<String> data) {
  static final long MS_RDONLY = 1;
  static final long MS_REMOUNT = 32;
  static final long MS_BIND = 4096;
  static final long MS_REC = 16384;
  static final long MS_UNBINDABLE = 1 << 17;
  static final long MS_PRIVATE = 1 << 18;
  static final long MS_SLAVE = 1 << 19;
  static final long MS_SHARED = 1 << 20;

  private static final int ATIME = 0x70; // MOUNT_ATTR__ATIME, a field of its own

  /// An option that is a bit of mount(2) and perhaps of mount_setattr(2).
  private record Flag(long bit, long attribute, long field, boolean on) {
    static Flag on(long bit, long attribute) {
      return new Flag(bit, attribute, attribute, true);
    }

    static Flag off(long bit, long attribute) {
      return new Flag(bit, attribute, attribute, false);
    }

    static Flag atime(long bit, long value, boolean on) {
      return new Flag(bit, value, ATIME, on);
    }
  }

  private static final Map<String, Flag> FLAGS =
      Map.ofEntries(
          Map.entry("defaults", Flag.off(0, 0)),
          Map.entry("ro", Flag.on(MS_RDONLY, 1)),
          Map.entry("rro", Flag.on(MS_RDONLY, 1)),
          Map.entry("rw", Flag.off(MS_RDONLY, 1)),
          Map.entry("nosuid", Flag.on(2, 2)),
          Map.entry("suid", Flag.off(2, 2)),
          Map.entry("nodev", Flag.on(4, 4)),
          Map.entry("dev", Flag.off(4, 4)),
          Map.entry("noexec", Flag.on(8, 8)),
          Map.entry("exec", Flag.off(8, 8)),
          Map.entry("sync", Flag.on(16, 0)),
          Map.entry("async", Flag.off(16, 0)),
          Map.entry("mand", Flag.on(64, 0)),
          Map.entry("nomand", Flag.off(64, 0)),
          Map.entry("dirsync", Flag.on(128, 0)),
          Map.entry("nosymfollow", Flag.on(256, 0x200000)),
          Map.entry("symfollow", Flag.off(256, 0x200000)),
          Map.entry("noatime", Flag.atime(1024, 0x10, true)),
          Map.entry("atime", Flag.atime(1024, 0, false)),
          Map.entry("nodiratime", Flag.on(2048, 0x80)),
          Map.entry("diratime", Flag.off(2048, 0x80)),
          Map.entry("silent", Flag.on(1 << 15, 0)),
          Map.entry("loud", Flag.off(1 << 15, 0)),
          Map.entry("relatime", Flag.atime(1 << 21, 0, true)),
          Map.entry("norelatime", Flag.off(1 << 21, 0)),
          Map.entry("iversion", Flag.on(1 << 23, 0)),
          Map.entry("noiversion", Flag.off(1 << 23, 0)),
          Map.entry("strictatime", Flag.atime(1 << 24, 0x20, true)),
          Map.entry("nostrictatime", Flag.off(1 << 24, 0)),
          Map.entry("lazytime", Flag.on(1 << 25, 0)),
          Map.entry("nolazytime", Flag.off(1 << 25, 0)));

  private static final Map<String, Long> PROPAGATION =
      Map.of(
          "private", MS_PRIVATE,
          "slave", MS_SLAVE,
          "shared", MS_SHARED,
          "unbindable", MS_UNBINDABLE);

  static MountOptions parse(String type, List<String> options) {
    var parser = new Parser();
    parser.bind = type.equals("bind");
    options.forEach(parser::accept);
    return parser.result();
  }

  boolean changesAttributes() {
    return set != 0 || clear != 0;
  }

  /// Collects options from left to right; a later one wins over an earlier one.
  private static final class Parser {
    private long flags;
    private long set;
    private long clear;
    private boolean bind;
    private boolean recursive;
    private boolean remount;
    private long propagation;
    private boolean propagateRecursively;
    private final List<String> data = new ArrayList<>();

    void accept(String option) {
      switch (option) {
        case "bind" -> bind = true;
        case "rbind" -> {
          bind = true;
          recursive = true;
        }
        case "remount" -> remount = true;
        default -> acceptFlag(option);
      }
    }

    private void acceptFlag(String option) {
      var flag = FLAGS.get(option);
      boolean deep = option.startsWith("r") && PROPAGATION.containsKey(option.substring(1));
      var mode = PROPAGATION.get(deep ? option.substring(1) : option);
      if (mode != null) {
        propagation = mode;
        propagateRecursively = deep;
      } else if (flag != null) {
        apply(flag);
      } else if (!option.isEmpty()) {
        data.add(option);
      }
    }

    private void apply(Flag flag) {
      flags = flag.on() ? flags | flag.bit() : flags & ~flag.bit();
      set &= ~flag.field();
      set |= flag.on() ? flag.attribute() : 0;
      clear |= flag.field();
    }

    MountOptions result() {
      return new MountOptions(
          flags,
          set,
          clear,
          bind,
          recursive,
          remount,
          propagation,
          propagateRecursively,
          List.copyOf(data));
    }
  }
}
