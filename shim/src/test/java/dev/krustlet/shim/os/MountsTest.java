package dev.krustlet.shim.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MountsTest {
  @TempDir Path directory;
  private Path source = Path.of("");
  private Path target = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    assumeTrue(Processes.uid() == 0, "mounting needs root");
    source = Files.createDirectories(directory.resolve("source"));
    target = Files.createDirectories(directory.resolve("target"));
  }

  @AfterEach
  void unmountAll() throws IOException {
    for (var point : Mounts.beneath(directory)) {
      Mounts.unmountTree(point);
    }
  }

  @Test
  void aReadOnlyBindMountShowsItsSourceAndCannotBeWritten() throws IOException {
    Files.writeString(source.resolve("file"), "seen");

    Mounts.mount("bind", source.toString(), target, List.of("bind", "ro", "rprivate"));

    assertThat(target.resolve("file")).hasContent("seen");
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> Files.writeString(target.resolve("file"), "changed"))
        .withMessageContaining("Read-only");
    Files.writeString(source.resolve("file"), "through the source");
  }

  @Test
  void aRecursiveReadOnlyBindMountIsReadOnlyAllTheWayDown() throws IOException {
    var inner = Files.createDirectories(source.resolve("inner"));
    Mounts.mount("tmpfs", "tmpfs", inner, List.of());

    Mounts.mount("", source.toString(), target, List.of("rbind", "ro"));

    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> Files.writeString(target.resolve("inner/file"), "x"))
        .withMessageContaining("Read-only");
    Files.writeString(inner.resolve("file"), "through the source");
  }

  @Test
  void aBindMountWithoutRecursionLeavesInnerMountsOut() throws IOException {
    var inner = Files.createDirectories(source.resolve("inner"));
    Mounts.mount("tmpfs", "tmpfs", inner, List.of());
    Files.writeString(inner.resolve("file"), "x");

    Mounts.mount("bind", source.toString(), target, List.of("bind"));

    assertThat(target.resolve("inner")).isEmptyDirectory();
  }

  @Test
  void aSingleFileIsMountedOnAPlaceHeldOpen() throws IOException {
    var hosts = Files.writeString(directory.resolve("hosts"), "127.0.0.1 localhost");

    try (var root = RootDirectory.open(target);
        var place = root.makeFile("/etc/hosts", 0644)) {
      Mounts.mount("bind", hosts.toString(), place.procPath(), List.of("rbind", "ro", "noexec"));
    }

    assertThat(target.resolve("etc/hosts")).hasContent("127.0.0.1 localhost");
    assertThat(optionsOf(target.resolve("etc/hosts"))).contains("ro", "noexec");
  }

  @Test
  void propagationIsAsAskedWhateverIsAbove() throws IOException {
    Mounts.mount("tmpfs", "tmpfs", target, List.of("shared"));
    var shared = Files.createDirectories(target.resolve("shared"));
    var alone = Files.createDirectories(target.resolve("alone"));

    Mounts.mount("bind", source.toString(), shared, List.of("rbind", "rshared"));
    Mounts.mount("bind", source.toString(), alone, List.of("rbind", "rprivate"));

    assertThat(mountInfoOf(target)).contains(" shared:");
    assertThat(mountInfoOf(shared)).contains(" shared:");
    assertThat(mountInfoOf(alone)).doesNotContain(" shared:");
  }

  @Test
  void flagsAndDataAreToldApart() throws IOException {
    var options = List.of("nosuid", "noexec", "nodev", "size=1m", "mode=700");

    Mounts.mount("tmpfs", "scratch", target, options);

    assertThat(Files.getFileStore(target).getTotalSpace()).isEqualTo(1 << 20);
    assertThat(optionsOf(target)).contains("nosuid", "noexec", "nodev");
  }

  @Test
  void aLaterOptionWinsAndRemountChangesAMount() throws IOException {
    Mounts.mount("bind", source.toString(), target, List.of("bind", "ro", "rw"));
    Files.writeString(target.resolve("file"), "x");

    Mounts.mount("", "", target, List.of("remount", "bind", "ro"));

    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> Files.writeString(target.resolve("file"), "y"));
  }

  @Test
  void sixtyLayersUnderLongNamesMakeOneOverlay() throws IOException {
    var layers = new ArrayList<String>();
    for (int i = 0; i < 60; i++) {
      var layer = directory.resolve("layers").resolve(i + "-" + "n".repeat(100));
      Files.writeString(Files.createDirectories(layer).resolve("file" + i), "from " + i);
      Files.writeString(layer.resolve("same"), "from " + i);
      layers.add(layer.toString());
    }
    Collections.reverse(layers);
    Mounts.mount("tmpfs", "tmpfs", source, List.of());
    var upper = Files.createDirectories(source.resolve("upper"));
    var work = Files.createDirectories(source.resolve("work"));
    var lowerdir = "lowerdir=" + String.join(":", layers);
    assertThat(lowerdir.length()).isGreaterThan(4096);

    Mounts.mount(
        "overlay", "overlay", target, List.of("workdir=" + work, "upperdir=" + upper, lowerdir));

    assertThat(target.resolve("file0")).hasContent("from 0");
    assertThat(target.resolve("file59")).hasContent("from 59");
    assertThat(target.resolve("same")).hasContent("from 59");
    Files.writeString(target.resolve("new"), "x");
    assertThat(upper.resolve("new")).exists();
  }

  @Test
  void layersAreSplitAtColonsThatAreNotEscaped() {
    assertThat(FileSystemMount.layers("/a\\:b:/c\\\\d")).containsExactly("/a:b", "/c\\d");
  }

  @Test
  void optionsThatDoNotFitAreRefusedRatherThanCut() {
    var option = "context=" + "x".repeat(5000);

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Mounts.mount("tmpfs", "tmpfs", target, List.of(option)))
        .withMessageContaining(target + ": its options are longer than 4095 bytes");
  }

  @Test
  void aRefusalNamesTypeAndTarget() {
    assertThatExceptionOfType(ErrnoException.class)
        .isThrownBy(() -> Mounts.mount("nosuchfs", "none", target, List.of()))
        .withMessage("mount nosuchfs at %s: no such device or file system type (ENODEV)", target);
  }

  @Test
  void aFailedBindMountLeavesNothing() throws IOException {
    var file = Files.writeString(directory.resolve("file"), "x");

    assertThatExceptionOfType(ErrnoException.class)
        .isThrownBy(() -> Mounts.mount("bind", file.toString(), target, List.of("bind")))
        .withMessageContaining(target.toString());

    assertThat(Mounts.beneath(directory)).isEmpty();
  }

  @Test
  void aTreeOfNestedStackedHiddenAndOddlyNamedMountsIsUnmounted() throws IOException {
    Mounts.mount("tmpfs", "one", target, List.of());
    var odd = Files.createDirectories(target.resolve("with space\tand\nline \\040 ünd"));
    Mounts.mount("tmpfs", "two", odd, List.of());
    Mounts.mount("tmpfs", "stacked", odd, List.of());
    var deep = Files.createDirectories(odd.resolve("a/b"));
    Mounts.mount("bind", source.toString(), deep, List.of("bind"));
    Mounts.mount("tmpfs", "hides all", target, List.of());
    assertThat(Mounts.beneath(target)).hasSize(5);

    Mounts.unmountTree(target);

    assertThat(Mounts.beneath(target)).isEmpty();
    assertThat(target).isEmptyDirectory();
  }

  @Test
  void aBindMountTellsWhetherItBroughtOthers() throws IOException {
    var inner = Files.createDirectories(source.resolve("inner"));
    var other = Files.createDirectories(directory.resolve("other"));

    var alone = Mounts.bind(source.toString(), target, List.of("rbind", "rprivate"));
    Mounts.mount("tmpfs", "tmpfs", inner, List.of());
    var flat = Mounts.bind(source.toString(), other, List.of("bind", "rprivate"));
    var deep = Mounts.bind(source.toString(), other, List.of("rbind", "rprivate"));

    assertThat(alone).isFalse();
    assertThat(flat).isFalse();
    assertThat(deep).isTrue();
  }

  @Test
  void mountsOfOneTypeAreTakenAwayHiddenOnesToo() throws IOException {
    Mounts.mount("tmpfs", "tmpfs", target, List.of());
    var proc = Files.createDirectories(target.resolve("proc"));
    Mounts.mount("proc", "proc", proc, List.of());
    Mounts.mount("tmpfs", "hides it", proc, List.of());

    Mounts.unmountAll(target, "proc");

    assertThat(proc).isEmptyDirectory();
    assertThat(Mounts.isMountPoint(target)).isTrue();
  }

  @Test
  void theFileSystemOfAPlaceIsTold() throws IOException {
    try (var proc = Fd.locateTrusted(Path.of("/proc/self"));
        var other = Fd.locateTrusted(target)) {
      assertThat(proc.isOfProc()).isTrue();
      assertThat(other.isOfProc()).isFalse();
    }
  }

  @Test
  void aBusyMountVanishesAtOnce() throws IOException {
    Mounts.mount("tmpfs", "tmpfs", target, List.of());
    var file = Files.writeString(target.resolve("file"), "x");

    try (var _ = Files.newInputStream(file)) {
      Mounts.unmountTree(target);
    }

    assertThat(Mounts.isMountPoint(target)).isFalse();
  }

  @Test
  void unmountingFollowsNoLink() throws IOException {
    Mounts.mount("tmpfs", "tmpfs", target, List.of());
    var link = Files.createSymbolicLink(directory.resolve("link"), target);

    Mounts.unmountTree(link);

    assertThat(Mounts.isMountPoint(target)).isTrue();
  }

  @Test
  void nothingMountedAndNothingThereIsFine() throws IOException {
    Mounts.unmountTree(target);
    Mounts.unmountTree(directory.resolve("missing/deeper"));

    assertThat(Mounts.isMountPoint(target)).isFalse();
  }

  @Test
  void unmountingTheWholeMachineIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> Mounts.unmountTree(Path.of("/")));
  }

  private static List<String> optionsOf(Path point) throws IOException {
    return List.of(mountInfoOf(point).split(" ", 7)[5].split(",", -1));
  }

  private static String mountInfoOf(Path point) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
      return lines.filter(line -> line.contains(" " + point + " ")).findFirst().orElseThrow();
    }
  }
}
