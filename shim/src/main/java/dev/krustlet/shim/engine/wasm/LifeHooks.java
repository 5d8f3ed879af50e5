package dev.krustlet.shim.engine.wasm;

import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.modules.EngineProgram;
import dev.krustlet.shim.oci.Hooks;
import dev.krustlet.shim.oci.Hooks.Hook;
import dev.krustlet.shim.oci.State;
import dev.krustlet.shim.os.Uninterrupted;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The hooks of a wasm container: those that run in the runtime's namespaces. `prestart` and
/// `createRuntime` run before Create answers, `poststart` when the guest runs, `poststop` when it
/// is deleted or could not be made.
final class LifeHooks {
  private static final Logger LOG = LoggerFactory.getLogger(LifeHooks.class);

  private final EngineProgram engine;
  private final ContainerRequest request;
  private final AtomicBoolean stopped = new AtomicBoolean();

  LifeHooks(EngineProgram engine, ContainerRequest request) {
    this.engine = engine;
    this.request = request;
  }

  /// Refuses by name what cannot be run for a guest.
  static void check(ContainerRequest request) throws TaskException {
    Hooks hooks = request.spec().hooks();
    refuse(request, "createContainer", hooks.createContainer());
    refuse(request, "startContainer", hooks.startContainer());
    for (Hook hook : hooks.all()) {
      if (!hook.path().startsWith("/")) {
        throw invalid(request, "the path of hook `%s` is not absolute".formatted(hook.path()));
      }
      if (hook.timeout() != null && hook.timeout() <= 0) {
        throw invalid(
            request,
            "the timeout of hook `%s` is %d and has to be more than 0"
                .formatted(hook.path(), hook.timeout()));
      }
    }
  }

  private static void refuse(ContainerRequest request, String point, List<Hook> hooks)
      throws TaskException {
    if (!hooks.isEmpty()) {
      throw new TaskException(
          Code.UNIMPLEMENTED,
          "container %s: %s hooks run in the container's own mount namespace, which a wasm container has not, and its spec has `%s`; run it as a native container"
              .formatted(request.id(), point, hooks.getFirst().path()));
    }
  }

  private static TaskException invalid(ContainerRequest request, String fault) {
    return new TaskException(
        Code.INVALID_ARGUMENT, "container %s: %s".formatted(request.id(), fault));
  }

  /// The guest is made and has not run.
  void created(int pid) throws TaskException, InterruptedException {
    Hooks hooks = request.spec().hooks();
    if (!hooks.poststop().isEmpty()) {
      try {
        PoststopScript.write(request.bundle(), programs(hooks.poststop()), state("stopped", 0));
      } catch (IOException e) {
        throw new TaskException(
            Code.UNKNOWN,
            "container %s: cannot write down its poststop hooks: %s"
                .formatted(request.id(), e.getMessage()),
            e);
      }
    }
    all("prestart", hooks.prestart(), state("creating", pid));
    all("createRuntime", hooks.createRuntime(), state("creating", pid));
  }

  /// The guest runs.
  void started(int pid) throws TaskException, InterruptedException {
    all("poststart", request.spec().hooks().poststart(), state("running", pid));
  }

  /// The guest is gone, also one that could not be made. What fails is logged, and the others run:
  /// nothing is left that could be refused.
  void stopped() {
    List<Hook> hooks = request.spec().hooks().poststop();
    if (hooks.isEmpty() || !stopped.compareAndSet(false, true)) {
      return;
    }
    for (HookProgram program : programs(hooks)) {
      try {
        Uninterrupted.get(begun(program, state("stopped", 0)));
      } catch (ExecutionException e) {
        LOG.warn("container {}: poststop hook `{}` failed", request.id(), program.hook().path(), e);
      }
    }
    PoststopScript.remove(request.bundle());
  }

  private State state(String status, int pid) {
    return State.of(
        request.id(), request.bundle().toString(), request.spec().annotations(), status, pid);
  }

  private List<HookProgram> programs(List<Hook> hooks) {
    return hooks.stream().map(hook -> new HookProgram(engine, hook)).toList();
  }

  private void all(String point, List<Hook> hooks, State state)
      throws TaskException, InterruptedException {
    for (HookProgram program : programs(hooks)) {
      FutureTask<Void> run = begun(program, state);
      try {
        run.get();
      } catch (InterruptedException e) {
        run.cancel(true);
        throw e;
      } catch (ExecutionException e) {
        Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
        throw new TaskException(
            Code.UNKNOWN,
            "container %s: %s hook `%s` failed: %s"
                .formatted(request.id(), point, program.hook().path(), cause.getMessage()),
            cause);
      }
    }
  }

  /// On a thread of its own: what it does may block. It ends with the hook's time-out.
  private FutureTask<Void> begun(HookProgram program, State state) {
    var run =
        new FutureTask<Void>(() -> {
          program.run(request.bundle(), state.json());
          return null;
        });
    Thread.ofPlatform().name("hook-" + request.id()).start(run);
    return run;
  }
}
