package dev.krustlet.shim.engine.runc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.os.Poller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Directories with files like those of the unified hierarchy.
class AccountsTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // by JUnit
  private Path slice;

  @SuppressWarnings("NullAway.Init") // before each test
  private Poller poller;

  @SuppressWarnings("NullAway.Init") // before each test
  private MemoryEvents memory;

  @SuppressWarnings("NullAway.Init") // before each test
  private Path scope;

  @SuppressWarnings("NullAway.Init") // before each test
  private Accounts accounts;

  @BeforeEach
  void open() throws IOException {
    poller = Poller.start();
    memory = new MemoryEvents(poller);
    scope = Files.createDirectory(slice.resolve("scope"));
    Files.writeString(scope.resolve("memory.current"), "4096\n");
    oomKills(scope, 0);
    oomKills(slice, 3); // of containers before ours
    accounts = Accounts.of("id", new CgroupV2(scope), hearing());
  }

  private OomWatch.Hearing hearing() {
    return new OomWatch.Hearing(poller, memory);
  }

  @AfterEach
  void close() throws IOException {
    accounts.close();
    memory.close();
    poller.close();
  }

  private static void oomKills(Path group, int count) throws IOException {
    Files.writeString(group.resolve("memory.events"), "max 9\noom_kill %d\n".formatted(count));
  }

  /// As systemd does it.
  private void remove() throws IOException {
    for (String file : new String[] {"memory.current", "memory.events", ""}) {
      Files.delete(scope.resolve(file));
    }
  }

  @Test
  void aKillIsNoticedWhenItIsCounted()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    oomKills(scope, 1);
    accounts.oomKilled().get(20, TimeUnit.SECONDS);
  }

  private static long inotifies() throws IOException {
    long found = 0;
    try (var open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path each : open) {
        found += Files.isSymbolicLink(each) && target(each).equals("anon_inode:inotify") ? 1 : 0;
      }
    }
    return found;
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException _) {
      return ""; // closed meanwhile
    }
  }

  /// A user has 128 of them, which the whole node shares.
  @Test
  void allContainersAreWatchedByOneInotify()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    long before = inotifies();
    var others = new ArrayList<Accounts>();
    for (int i = 0; i < 200; i++) {
      Path group = Files.createDirectory(slice.resolve("scope-" + i));
      oomKills(group, 0);
      others.add(Accounts.of("id" + i, new CgroupV2(group), hearing()));
    }
    assertThat(inotifies()).isEqualTo(before);
    oomKills(slice.resolve("scope-7"), 1);
    others.get(7).oomKilled().get(20, TimeUnit.SECONDS);
    others.get(8).lastLook();
    assertThat(others.get(8).oomKilled()).isNotDone();
    for (Accounts each : others) {
      each.close();
    }
  }

  @Test
  void aContainerThatCannotBeWatchedRunsWithoutAndLeaksNothing() throws IOException, TaskException {
    poller.close();
    long before = inotifies();
    try (var deaf = new MemoryEvents(poller)) {
      var unwatched = Accounts.of("deaf", new CgroupV2(scope), new OomWatch.Hearing(poller, deaf));
      oomKills(scope, 1);
      unwatched.lastLook();
      assertThat(unwatched.oomKilled()).isNotDone();
      assertThat(unwatched.figures().memory().usage()).isEqualTo(4096);
      unwatched.close();
    }
    assertThat(inotifies()).isEqualTo(before);
  }

  @Test
  void whereTheMemoryControllerIsOffAContainerRunsAllTheSame() throws IOException {
    var v1 = new CgroupV1(slice, Map.of("memory", "/none"));
    var unwatched = OomWatch.of("off", v1, hearing());
    unwatched.settle();
    assertThat(unwatched.seen()).isNotDone();
    unwatched.close();
  }

  @Test
  void aKillIsKnownFromTheParentWhenTheCgroupIsGone() throws IOException, TaskException {
    remove();
    oomKills(slice, 4);
    accounts.lastLook();
    assertThat(accounts.oomKilled()).isDone();
    assertThat(accounts.figures().memory().oomKills()).isEqualTo(1);
    assertThat(accounts.figures().memory().usage()).isEqualTo(4096);
  }

  @Test
  void aCgroupThatIsGoneWithoutAKillIsNone() throws IOException, TaskException {
    remove();
    accounts.lastLook();
    assertThat(accounts.oomKilled()).isNotDone();
    assertThat(accounts.figures().memory().oomKills()).isZero();
  }

  @Test
  void whatIsKilledAfterTheEndIsNotOurs() throws IOException {
    accounts.lastLook();
    oomKills(slice, 4);
    remove();
    accounts.lastLook();
    assertThat(accounts.oomKilled()).isNotDone();
  }

  @Test
  void aNeighboursKillIsNotOurs() throws IOException {
    var count = new OomCount(new CgroupV2(scope));
    oomKills(slice, 4);
    assertThat(count.any()).isFalse();
    remove();
    assertThat(count.any()).isFalse();
    oomKills(slice, 5);
    assertThat(count.any()).isTrue();
  }
}
