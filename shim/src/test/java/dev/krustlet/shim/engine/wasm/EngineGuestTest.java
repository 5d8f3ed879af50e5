package dev.krustlet.shim.engine.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.proto.engine.v1.CreateRequest;
import dev.krustlet.proto.engine.v1.NextExitResponse;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.ttrpc.Code;
import dev.krustlet.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Guests whose engine is late.
@Timeout(60)
final class EngineGuestTest {
  private static final CreateRequest WANTED =
      CreateRequest.newBuilder().setId("c").setCompiledPath("/").build();

  @TempDir private Path directory;
  private FakeEngineProcess engine;

  @BeforeEach
  void start() throws IOException, InterruptedException, ExecutionException {
    engine = new FakeEngineProcess(directory);
  }

  @AfterEach
  void stop() throws IOException {
    engine.close();
  }

  @Test
  void aGuestWhoseCreationWasNotAnsweredInTimeIsDeleted() {
    engine.creation =
        _ -> {
          throw new TtrpcException(Code.DEADLINE_EXCEEDED, "Create was not answered in time");
        };

    assertThatThrownBy(() -> engine.create(WANTED))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("in time")
        .hasNoSuppressedExceptions();

    assertThat(engine.deleted).containsExactly(engine.created.getFirst().getId());
  }

  @Test
  void theEngineIsAskedToDeleteAlsoForACallerWhoHasLeft() {
    engine.creation =
        _ -> {
          throw new TtrpcException(Code.DEADLINE_EXCEEDED, "Create was not answered in time");
        };
    Thread caller = Thread.currentThread();
    engine.asked = caller::interrupt;

    assertThatThrownBy(() -> engine.create(WANTED)).isInstanceOf(TaskException.class);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(engine.deleted).containsExactly(engine.created.getFirst().getId());
  }

  @Test
  void codeThatWasRemovedMeanwhileIsCompiledOnceMore() throws TaskException, InterruptedException {
    var gone = WANTED.toBuilder().setCompiledPath(directory.resolve("gone").toString()).build();
    var made = WANTED.toBuilder().setCompiledPath(directory.toString()).build();
    engine.creation =
        q -> {
          if (!q.getCompiledPath().equals(made.getCompiledPath())) {
            throw new TtrpcException(Code.INVALID_ARGUMENT, "no such file");
          }
        };

    assertThat(engine.create(gone, made).pid()).isPositive();
    assertThatThrownBy(() -> engine.create(gone, gone)).hasMessageContaining("no such file");

    assertThat(engine.created).hasSize(4);
  }

  @Test
  void whatTheEngineRefusesForOtherReasonsIsNotTriedAgain() {
    var made = WANTED.toBuilder().setCompiledPath(directory.toString()).build();
    engine.creation =
        _ -> {
          throw new TtrpcException(Code.INVALID_ARGUMENT, "no");
        };

    assertThatThrownBy(() -> engine.create(made)).hasMessage("no");

    assertThat(engine.created).hasSize(1);
  }

  @Test
  void theLateExitOfAPredecessorEndsNoSuccessor()
      throws TaskException, InterruptedException, ExecutionException, TimeoutException {
    engine.create(WANTED).guest().delete();
    var successor = engine.create(WANTED);
    String before = engine.created.getFirst().getId();
    String now = engine.created.getLast().getId();
    assertThat(now).startsWith("c").isNotEqualTo(before);

    engine.exits.add(NextExitResponse.newBuilder().setId(before).setExitStatus(1).build());
    engine.exits.add(NextExitResponse.newBuilder().setId(now).setExitStatus(2).build());

    assertThat(successor.guest().exited().get(20, TimeUnit.SECONDS).status()).isEqualTo(2);
  }

  @Test
  void whatFailsForOneGuestKeepsNoExitFromOthers()
      throws TaskException, InterruptedException, ExecutionException, TimeoutException {
    engine.oomKilled =
        () -> {
          throw new IllegalStateException("on purpose");
        };
    var one = engine.create(WANTED);
    var other = engine.create(WANTED);

    for (var created : engine.created) {
      engine.exits.add(
          NextExitResponse.newBuilder()
              .setId(created.getId())
              .setExitStatus(137)
              .setOomKilled(true)
              .build());
    }

    assertThat(one.guest().exited().get(20, TimeUnit.SECONDS).status()).isEqualTo(137);
    assertThat(other.guest().exited().get(20, TimeUnit.SECONDS).status()).isEqualTo(137);
  }

  @Test
  void aRefusalNamesTheGuestAsUsersDo() {
    engine.creation =
        q -> {
          throw new TtrpcException(
              Code.FAILED_PRECONDITION,
              "exec in %s: `/a#1: b#2` is no export".formatted(q.getId()));
        };

    assertThatThrownBy(() -> engine.create(WANTED.toBuilder().setId("c#7/e").build()))
        .hasMessage("exec in c/e: `/a#1: b#2` is no export");
  }
}
