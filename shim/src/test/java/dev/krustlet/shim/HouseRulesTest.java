package dev.krustlet.shim;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// The walls between the rooms: who may import whom, and what only one room may do.
class HouseRulesTest {
  private static final String SHIM = "dev.krustlet.shim.";
  private static final String TTRPC = "dev.krustlet.ttrpc..";
  private static final String PROTO = "dev.krustlet.proto..";
  private static final String PROTOBUF = "com.google.protobuf..";

  /// Every room may use these.
  private static final List<String> COMMON =
      List.of("java..", "org.jspecify..", "org.slf4j..", "com.google.errorprone.annotations..");

  /// What else each room may use; `cli` may use all.
  private static final Map<String, List<String>> ROOMS = rooms();

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.krustlet.shim");

  private static Map<String, List<String>> rooms() {
    Map<String, List<String>> rooms = new LinkedHashMap<>();
    rooms.put("os", List.of());
    rooms.put("policy", List.of("com.google.gson.."));
    rooms.put("oci", List.of("com.google.gson..", "com.electronwill.nightconfig.."));
    rooms.put("engine", List.of(SHIM + "oci"));
    rooms.put("engine.select", List.of(SHIM + "engine", SHIM + "oci", SHIM + "os"));
    rooms.put("engine.runc", List.of(SHIM + "engine", SHIM + "oci", SHIM + "os"));
    rooms.put("engine.portable", List.of("io.github.kawamuray.wasmtime.."));
    rooms.put(
        "engine.wasm",
        List.of(
            SHIM + "engine", SHIM + "oci", SHIM + "os", SHIM + "policy", TTRPC, PROTO, PROTOBUF));
    rooms.put("image", List.of(SHIM + "oci", "com.google.gson..", "org.apache.commons.compress.."));
    rooms.put(
        "registry",
        List.of(
            SHIM + "image",
            SHIM + "oci",
            "javax.net.ssl..",
            "com.google.cloud.tools.jib..",
            "com.google.api.client.http..",
            "com.fasterxml.jackson.annotation.."));
    rooms.put(
        "containerd",
        List.of(SHIM + "engine", SHIM + "oci", PROTO, PROTOBUF, "io.grpc..", "io.netty.."));
    rooms.put("task", List.of(SHIM + "engine", SHIM + "oci"));
    rooms.put("events", List.of(TTRPC, PROTO, PROTOBUF));
    rooms.put(
        "rpc",
        List.of(
            SHIM + "task", SHIM + "events", SHIM + "engine", SHIM + "oci", TTRPC, PROTO, PROTOBUF));
    rooms.put(
        "bootstrap",
        List.of(
            SHIM + "oci",
            SHIM + "os",
            SHIM + "policy",
            TTRPC,
            PROTO,
            PROTOBUF,
            "com.electronwill.nightconfig.."));
    return rooms;
  }

  @Test
  void everyRoomImportsOnlyWhatItMay() {
    ROOMS.forEach(HouseRulesTest::checkRoom);
  }

  private static void checkRoom(String room, List<String> may) {
    List<String> allowed = new ArrayList<>(COMMON);
    allowed.addAll(may);
    allowed.add(SHIM + room);
    noClasses()
        .that()
        .resideInAPackage(SHIM + room)
        .should()
        .dependOnClassesThat(outside(allowed))
        .check(CLASSES);
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
    var known = new ArrayList<>(ROOMS.keySet());
    known.add("cli");

    assertThat(CLASSES.stream().map(c -> c.getPackageName().replace(SHIM, "")).distinct())
        .containsExactlyInAnyOrderElementsOf(known);
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

  @Test
  void theProcessEdgeIsOneRoom() {
    checkProcessEdge(CLASSES);
  }

  private static void checkProcessEdge(JavaClasses classes) {
    noClasses()
        .that()
        .resideOutsideOfPackage(SHIM + "cli")
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

    assertThatThrownBy(() -> checkProcessEdge(broken))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("SneakyRoom");
  }
}
