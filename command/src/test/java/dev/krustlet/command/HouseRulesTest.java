package dev.krustlet.command;

import static com.tngtech.archunit.base.DescribedPredicate.describe;

import com.tngtech.archunit.core.domain.JavaClasses;
import dev.krustlet.shim.HouseRules;
import dev.krustlet.shim.RoomTable;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HouseRulesTest extends HouseRules {
  private static final RoomTable ROOMS = RoomTable.ofCommand();
  private static final JavaClasses CLASSES = classesOf(ROOMS);

  /// A command lives for a moment, and passes its own streams on by the JDK's way.
  private static final Set<String> WITH_OUR_STREAMS = Set.of("Foreground", "StandardStreams");

  HouseRulesTest() {
    super(ROOMS, CLASSES, "cli");
  }

  @Test
  void otherProgramsAreStartedAsADaemonStartsThem() {
    checkStartsOfPrograms(
        CLASSES.that(
            describe("start others", each -> !WITH_OUR_STREAMS.contains(each.getSimpleName()))));
  }
}
