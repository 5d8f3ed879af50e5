package dev.krustlet.shim.os;

import java.io.IOException;
import java.nio.file.Path;

/// A bind mount: a detached copy of the source's mount gets its attributes first and its place
/// afterwards, so that it is never seen without them.
final class BindMount {
  private BindMount() {}

  /// @return whether it brought other mounts along, those beneath its source; true as well where
  ///   the kernel cannot tell
  static boolean make(String source, Path target, MountOptions options) throws IOException {
    try (var tree = Syscall.openTree(source, depth(options.recursive()))) {
      boolean done = setAttributes(tree, options);
      attach(tree, source, target);
      try {
        finish(tree, options, done);
        return options.recursive() && hasOthers(tree);
      } catch (ErrnoException e) {
        LibcMounts.umount2(tree.procPath().toString(), LibcMounts.MNT_DETACH);
        throw e;
      }
    }
  }

  /// The copies of a tree are numbered when they are made, the topmost one first. So looking at
  /// what came after it sees all of them, however many mounts the node has.
  private static boolean hasOthers(Fd tree) throws ErrnoException {
    var top = LibcMounts.uniqueId(tree);
    try {
      return top.isEmpty() || Syscall.hasMountsBeneath(top.getAsLong(), top.getAsLong());
    } catch (ErrnoException _) {
      return true; // before Linux 6.8, or not allowed here
    }
  }

  private static void attach(Fd tree, String source, Path target) throws ErrnoException {
    try {
      Syscall.moveMount(tree, target.toString());
    } catch (ErrnoException e) {
      throw new ErrnoException("bind " + source + " at", Places.name(target), e.errno());
    }
  }

  /// @return false if this kernel cannot, before Linux 5.12
  private static boolean setAttributes(Fd tree, MountOptions options) throws ErrnoException {
    if (!options.changesAttributes()) {
      return true;
    }
    try {
      Syscall.mountSetattr(tree, depth(options.recursive()), options.set(), options.clear());
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOSYS) {
        return false;
      }
      throw e;
    }
  }

  /// An attached tree is the top of its place, so the old calls work on it. Propagation comes last
  /// in any case: attaching beneath a shared mount makes the copy a shared one.
  private static void finish(Fd tree, MountOptions options, boolean attributesDone)
      throws ErrnoException {
    var place = tree.procPath().toString();
    if (!attributesDone) {
      long flags = MountOptions.MS_REMOUNT | MountOptions.MS_BIND | options.flags();
      LibcMounts.mount("none", place, "", flags, "");
    }
    Places.propagate(place, options);
  }

  private static int depth(boolean recursive) {
    return recursive ? Syscall.AT_RECURSIVE : 0;
  }
}
