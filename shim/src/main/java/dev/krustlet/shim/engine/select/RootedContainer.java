package dev.krustlet.shim.engine.select;

import dev.krustlet.shim.engine.Container;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.os.Mounts;
import java.io.IOException;
import java.nio.file.Path;

/// A container together with its mounted root, which goes when it goes.
final class RootedContainer extends Delegate {
  private final Path root;

  RootedContainer(Container container, Path root) {
    super(container);
    this.root = root;
  }

  @Override
  public void delete() throws TaskException, InterruptedException {
    super.delete();
    try {
      Mounts.unmountTree(root);
    } catch (IOException e) {
      throw new TaskException(Code.UNKNOWN, "cannot unmount " + root, e);
    }
  }
}
