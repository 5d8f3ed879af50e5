package dev.krustlet.shim.task;

/// Takes events on their way. Called under a task's lock, which is what keeps them in order, so it
/// only queues.
@FunctionalInterface
public interface TaskEvents {
  void publish(TaskEvent event);
}
