package dev.krustlet.shim;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// The walls between the rooms of a module: who may import whom, and what only some rooms may do.
/// Each module that has rooms extends this.
public abstract class HouseRules {
  /// Every room may use these.
  private static final List<String> COMMON =
      List.of("java..", "org.jspecify..", "org.slf4j..", "com.google.errorprone.annotations..");

  private final RoomTable rooms;
  private final JavaClasses classes;
  private final String entry;

  /// @param entry the room that reads arguments and environment, prints and exits
  protected HouseRules(RoomTable rooms, JavaClasses classes, String entry) {
    this.rooms = rooms;
    this.classes = classes;
    this.entry = entry;
  }

  /// The classes of a module, without its tests.
  protected static JavaClasses classesOf(RoomTable rooms) {
    return new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .importPackages(rooms.module());
  }

  @Test
  public void everyRoomImportsOnlyWhatItMay() {
    assertThat(rooms.walled()).isNotEmpty();
    rooms.walled().forEach(this::checkRoom);
  }

  private void checkRoom(String room) {
    List<String> allowed = new ArrayList<>(COMMON);
    rooms.allowances(room).forEach(each -> allowed.addAll(each.packages()));
    allowed.add(rooms.packageOf(room));
    noClasses()
        .that()
        .resideInAPackage(rooms.packageOf(room))
        .should()
        .dependOnClassesThat(outside(allowed))
        .check(classes);
  }

  @Test
  public void everyAllowanceIsUsed() {
    List<String> unused = new ArrayList<>();
    for (String room : rooms.walled()) {
      rooms.allowances(room).stream()
          .filter(each -> !uses(room, each))
          .forEach(each -> unused.add(room + " need not import " + each.name()));
    }

    assertThat(unused).isEmpty();
  }

  private boolean uses(String room, RoomTable.Allowance allowance) {
    DescribedPredicate<JavaClass> allowed =
        JavaClass.Predicates.resideInAnyPackage(allowance.packages().toArray(String[]::new));
    return classes.stream()
        .filter(each -> each.getPackageName().equals(rooms.packageOf(room)))
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
  public void noRoomIsMissingInTheTable() {
    assertThat(
            classes.stream()
                .map(c -> c.getPackageName().replace(rooms.module() + ".", ""))
                .distinct())
        .containsExactlyInAnyOrderElementsOf(rooms.rooms());
  }

  @Test
  public void roomsFormNoCycle() {
    slices().matching(rooms.module() + ".(**)").should().beFreeOfCycles().check(classes);
  }

  @Test
  public void systemCallsLiveInOneRoom() {
    noClasses()
        .that()
        .resideOutsideOfPackage(RoomTable.SHIM + ".os")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.foreign..")
        .check(classes);
  }

  @Test
  public void oneRoomTouchesTheProcess() {
    checkUseOfTheProcess(classes);
  }

  protected void checkUseOfTheProcess(JavaClasses classes) {
    noClasses()
        .that()
        .resideOutsideOfPackage(rooms.packageOf(entry))
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

  protected static void checkStartsOfPrograms(JavaClasses classes) {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.lang\\.ProcessBuilder(\\$.*)?")
        .orShould()
        .callMethodWhere(target(owner(type(Runtime.class))).and(target(name("exec"))))
        .check(classes);
  }

  @Test
  public void everyPackageSaysThatItHasNoNulls() {
    classes.stream()
        .map(c -> c.getPackage())
        .distinct()
        .forEach(p -> assertThat(p.isAnnotatedWith(NullMarked.class)).as(p.getName()).isTrue());
  }
}
