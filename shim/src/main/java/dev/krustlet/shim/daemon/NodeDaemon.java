package dev.krustlet.shim.daemon;

import dev.krustlet.shim.containerd.ImageStore;
import dev.krustlet.shim.engine.Engine;
import dev.krustlet.shim.engine.runc.RuncEngine;
import dev.krustlet.shim.engine.select.AbsentEngine;
import dev.krustlet.shim.engine.select.SelectingEngine;
import dev.krustlet.shim.engine.wasm.WasmEngine;
import dev.krustlet.shim.events.EventForwarder;
import dev.krustlet.shim.modules.EngineProgram;
import dev.krustlet.shim.os.Daemon;
import dev.krustlet.shim.os.Poller;
import dev.krustlet.shim.os.Processes;
import dev.krustlet.shim.os.Reaper;
import dev.krustlet.shim.rpc.CallLog;
import dev.krustlet.shim.rpc.CgroupVersion;
import dev.krustlet.shim.rpc.TaskApi;
import dev.krustlet.shim.rpc.TaskEventTranslator;
import dev.krustlet.shim.settings.Home;
import dev.krustlet.shim.settings.NodeSettings;
import dev.krustlet.shim.task.TaskService;
import dev.krustlet.ttrpc.TtrpcServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One daemon: every room wired to the next, from listening until nobody needs it any more.
record NodeDaemon(
    DaemonArguments arguments,
    NodeSettings settings,
    Home home,
    Path ttrpcAddress,
    Registration registration) {
  private static final Logger LOG = LoggerFactory.getLogger(NodeDaemon.class);

  /// After launchers stopped finding the daemon: how long a caller that had read its address may
  /// take to connect. A daemon that is to leave sooner than that waits no longer for callers.
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static final Duration HOUSEKEEPING = Duration.ofMinutes(1);

  /// Serves until idle. Returns with nothing left running.
  void run() throws IOException, InterruptedException {
    int pid = Processes.pid();
    long startTime = Processes.startTime(pid).orElseThrow();
    Reaper.becomeSubreaper();
    try (var directory = RunDirectory.create(arguments.run(), pid, startTime);
        var poller = Poller.start();
        var events =
            EventForwarder.to(
                ttrpcAddress, arguments.namespace(), Clock.systemUTC(), new CallLog("events"));
        var wasm = wasm(directory)) {
      var reaper = new Reaper(poller);
      var natively = new RuncEngine(arguments.namespace(), poller, reaper);
      var images = new ImageStore(arguments.containerd(), arguments.namespace());
      var engine = new SelectingEngine(natively, wasm, images, arguments.namespace());
      var tasks =
          new TaskService(
              engine, new TaskEventTranslator(events), new BundleAnswers(), Clock.systemUTC());
      Thread housekeeper =
          Thread.ofVirtual().name("housekeeping").start(() -> keepHouse(reaper, tasks));
      try (var server = listen(tasks, directory, pid)) {
        registration.announce(new DaemonRecord(pid, startTime, "unix://" + directory.taskSocket()));
        letGoOfLauncher();
        LOG.info("serving namespace {} of {}", arguments.namespace(), arguments.containerd());
        wasm.warm();
        serve(tasks, server);
      } finally {
        housekeeper.interrupt();
      }
    }
  }

  private void serve(TaskService tasks, TtrpcServer server)
      throws IOException, InterruptedException {
    var idle =
        new IdleClock(
            settings.idleTimeout(),
            () -> tasks.count() > 0 || server.connections() > 0,
            tasks::activity);
    idle.awaitIdle();
    registration.close();
    Duration timeout = settings.idleTimeout();
    Duration patience = timeout.compareTo(GRACE) < 0 ? timeout : GRACE;
    var grace = new IdleClock(patience, idle.busy(), idle.activity());
    do {
      grace.awaitIdle();
    } while (!server.retire(() -> tasks.count() > 0));
    LOG.info("idle for {}; leaving", settings.idleTimeout());
  }

  private Engine wasm(RunDirectory directory) throws IOException {
    if (home.portableAlone()) {
      return new AbsentEngine(
          "it is a wasm module, and this krustlet was built without krustlet-engine; its portable"
              + " engine runs no containers, only what `krustlet run` is given");
    }
    var program = new EngineProgram(home.engine(), Processes.uid() == 0, settings.wasi3());
    return new WasmEngine(
        program,
        directory.path(),
        settings.cacheDirectory(),
        settings.cacheBytes(),
        settings.policy());
  }

  private TtrpcServer listen(TaskService tasks, RunDirectory directory, int pid)
      throws IOException {
    var cgroups =
        Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"))
            ? CgroupVersion.V2
            : CgroupVersion.V1;
    var builder = TtrpcServer.builder().observer(new CallLog("task API"));
    TaskApi.services(tasks, arguments.namespace(), cgroups, pid).forEach(builder::service);
    return builder.listen(directory.taskSocket());
  }

  /// The launcher waits for the end of our stdout; our stderr becomes the log, for a crash of the
  /// JVM.
  private void letGoOfLauncher() throws IOException {
    Path last = settings.logDirectory().resolve("krustlet-" + arguments.namespace() + ".stderr");
    Daemon.redirectStandard(1, Path.of("/dev/null"), true);
    Daemon.redirectStandard(2, last, true);
  }

  private static void keepHouse(Reaper reaper, TaskService tasks) {
    try {
      while (true) {
        Thread.sleep(HOUSEKEEPING);
        reap(reaper);
        tasks.discardHomeless();
      }
    } catch (InterruptedException _) {
      // the daemon leaves
    }
  }

  private static void reap(Reaper reaper) {
    try {
      reaper.reapStrays();
    } catch (IOException e) {
      LOG.warn("cannot reap orphans", e);
    }
  }
}
