package dev.krustlet.shim;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.krustlet.shim.housebreaker.SneakyRoom;
import org.junit.jupiter.api.Test;

class HouseRulesTest extends HouseRules {
  private static final RoomTable ROOMS = RoomTable.ofShim();
  private static final JavaClasses CLASSES = classesOf(ROOMS);

  HouseRulesTest() {
    super(ROOMS, CLASSES, "daemon");
  }

  /// The JDK starts a program of its own for each child, which an update of Java takes away from a
  /// daemon that runs.
  @Test
  void programsAreStartedInOneWay() {
    checkStartsOfPrograms(CLASSES);
  }

  @Test
  void aViolationIsSeen() {
    JavaClasses broken = new ClassFileImporter().importClasses(SneakyRoom.class);

    assertThatThrownBy(() -> checkUseOfTheProcess(broken))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("SneakyRoom");
    assertThatThrownBy(() -> checkStartsOfPrograms(broken))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("SneakyRoom");
  }
}
