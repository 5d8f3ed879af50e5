package dev.krustlet.shim;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.krustlet.shim.housebreaker.SneakyRoom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// The walls between the rooms: who may import whom, and what only one room may do.
class HouseRulesTest {
  private static final String SHIM = RoomTable.SHIM;

  /// Every room may use these.
  private static final List<String> COMMON =
      List.of("java..", "org.jspecify..", "org.slf4j..", "com.google.errorprone.annotations..");

  private static final RoomTable ROOMS = RoomTable.ofArchitecture();

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.krustlet.shim");

  @Test
  void everyRoomImportsOnlyWhatItMay() {
    assertThat(ROOMS.walled()).isNotEmpty();
    ROOMS.walled().forEach(HouseRulesTest::checkRoom);
  }

  private static void checkRoom(String room) {
    List<String> allowed = new ArrayList<>(COMMON);
    ROOMS.allowances(room).forEach(each -> allowed.addAll(each.packages()));
    allowed.add(SHIM + room);
    noClasses()
        .that()
        .resideInAPackage(SHIM + room)
        .should()
        .dependOnClassesThat(outside(allowed))
        .check(CLASSES);
  }

  @Test
  void everyAllowanceIsUsed() {
    List<String> unused = new ArrayList<>();
    for (String room : ROOMS.walled()) {
      ROOMS.allowances(room).stream()
          .filter(each -> !uses(room, each))
          .forEach(each -> unused.add(room + " need not import " + each.name()));
    }

    assertThat(unused).isEmpty();
  }

  private static boolean uses(String room, RoomTable.Allowance allowance) {
    DescribedPredicate<JavaClass> allowed =
        JavaClass.Predicates.resideInAnyPackage(allowance.packages().toArray(String[]::new));
    return CLASSES.stream()
        .filter(each -> each.getPackageName().equals(SHIM + room))
        .flatMap(each -> each.getDirectDependenciesFromSelf().stream())
        .anyMatch(each -> allowed.test(each.getTargetClass()));
  }

  private static DescribedPredicate<JavaClass> outside(List<String> packages) {
    return DescribedPredicate.not(
            JavaClass.Predicates.resideInAnyPackage(packages.toArray(String[]::new)))
        .and(
            DescribedPredicate.describe(
                "is no array or primitive", c -> !c.isPrimitive() && !c.isArray()));
  }

  @Test
  void noRoomIsMissingInTheTable() {
    assertThat(CLASSES.stream().map(c -> c.getPackageName().replace(SHIM, "")).distinct())
        .containsExactlyInAnyOrderElementsOf(ROOMS.rooms());
  }

  @Test
  void roomsFormNoCycle() {
    slices().matching("dev.krustlet.shim.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void systemCallsLiveInOneRoom() {
    noClasses()
        .that()
        .resideOutsideOfPackage(SHIM + "os")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.foreign..")
        .check(CLASSES);
  }

  /// The JDK starts a program of its own for each child, which an update of Java takes away from a
  /// daemon that runs. Commands, which live for a moment, may pass on their own streams by it.
  @Test
  void programsAreStartedInOneWay() {
    checkStartsOfPrograms(CLASSES.that(are(not(belongTo("Foreground", "StandardStreams")))));
  }

  private static DescribedPredicate<JavaClass> belongTo(String... names) {
    return DescribedPredicate.describe(
        "belong to " + List.of(names), each -> List.of(names).contains(each.getSimpleName()));
  }

  private static void checkStartsOfPrograms(JavaClasses classes) {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.lang\\.ProcessBuilder(\\$.*)?")
        .orShould()
        .callMethodWhere(target(owner(type(Runtime.class))).and(target(name("exec"))))
        .check(classes);
  }

  @Test
  void onlyEntryPointsTouchTheProcess() {
    checkUseOfTheProcess(CLASSES);
  }

  private static void checkUseOfTheProcess(JavaClasses classes) {
    noClasses()
        .that()
        .resideOutsideOfPackages(SHIM + "cli", SHIM + "daemon")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .orShould()
        .callMethod(System.class, "getenv")
        .check(classes);
  }

  @Test
  void everyPackageSaysThatItHasNoNulls() {
    CLASSES.stream()
        .map(c -> c.getPackage())
        .distinct()
        .forEach(p -> assertThat(p.isAnnotatedWith(NullMarked.class)).as(p.getName()).isTrue());
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
