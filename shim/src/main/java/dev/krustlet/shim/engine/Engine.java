package dev.krustlet.shim.engine;

/// Makes containers. Every kind of container has one; `task` holds the one that chooses among them.
public interface Engine extends AutoCloseable {
  /// Makes a container ready to start: no code of it has run. All or nothing: after an exception
  /// nothing is left but what could not be cleaned away, which a [LeftoverException] in it tells.
  ///
  /// @throws TaskException with the cause when the container cannot be made
  Container create(ContainerRequest request) throws TaskException, InterruptedException;

  /// Does ahead of the first container what it would wait for. What fails here fails again, and is
  /// told, when it is needed.
  default void warm() throws InterruptedException {}

  /// Ends what the engine itself keeps running. Containers are deleted before.
  @Override
  void close();
}
