package dev.krustlet.shim.engine.runc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.os.Poller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  private Path scope;

  @SuppressWarnings("NullAway.Init") // before each test
  private Accounts accounts;

  @BeforeEach
  void open() throws IOException {
    poller = Poller.start();
    scope = Files.createDirectory(slice.resolve("scope"));
    Files.writeString(scope.resolve("memory.current"), "4096\n");
    oomKills(scope, 0);
    oomKills(slice, 3); // of containers before ours
    accounts = Accounts.of("id", new CgroupV2(scope), poller);
  }

  @AfterEach
  void close() throws IOException {
    accounts.close();
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
