package dev.krustlet.shim.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
final class RootDirectoryTest {
  @TempDir Path node;
  private Path image = Path.of("");
  private RootDirectory root;

  RootDirectoryTest() throws IOException {
    root = RootDirectory.open(Path.of("/"));
  }

  @BeforeEach
  void makeImage() throws IOException {
    image = Files.createDirectories(node.resolve("image"));
    Files.writeString(node.resolve("secret"), "the node's");
    Files.writeString(image.resolve("secret"), "the image's");
    root.close();
    root = RootDirectory.open(image);
  }

  @AfterEach
  void closeRoot() throws IOException {
    root.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"secret", "/secret", "../secret", "/../../secret", "./x/../secret"})
  void everyPathStaysInside(String path) throws IOException {
    Files.createDirectories(image.resolve("x"));

    assertThat(contentOf(path)).isEqualTo("the image's");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/secret", "../secret", "../../../../secret", "/../secret"})
  void everyLinkStaysInside(String target) throws IOException {
    Files.createSymbolicLink(image.resolve("link"), Path.of(target));

    assertThat(contentOf("link")).isEqualTo("the image's");
  }

  @Test
  void magicLinksOfProcAreRefused() throws IOException {
    try (var proc = RootDirectory.open(Path.of("/proc"))) {
      for (var path : new String[] {"self/exe", "self/root/etc/passwd", "self/cwd"}) {
        assertThatExceptionOfType(ErrnoException.class)
            .isThrownBy(() -> proc.open(path))
            .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ELOOP));
      }
    }
  }

  @Test
  void aMissingFileIsNamedWithItsRoot() {
    assertThatExceptionOfType(ErrnoException.class)
        .isThrownBy(() -> root.open("/app.wasm"))
        .withMessage("open /app.wasm in %s: no such file or directory (ENOENT)", image);
  }

  @Test
  void aFifoInAnImageIsRefusedUnopened() throws IOException {
    Fifos.create(image.resolve("fifo"));

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> root.open("fifo"))
        .withMessageContaining("neither a regular file nor a directory");
  }

  @Test
  void aNameThatEndsEarlyForTheKernelIsRefused() {
    assertThatExceptionOfType(ErrnoException.class)
        .isThrownBy(() -> root.open("secret\0.wasm"))
        .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
  }

  @Test
  void directoriesAreMadeWithTheirParentsAndExactlyTheirMode() throws IOException {
    root.makeDirectories("/a/b//c/", 0777).close();

    assertThat(image.resolve("a/b/c")).isDirectory();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(image.resolve("a/b"))))
        .isEqualTo("rwxrwxrwx");
  }

  @Test
  void makingWhatIsThereChangesNothing() throws IOException {
    try (var place = root.makeFile("secret", 0600)) {
      assertThat(place.procPath()).hasContent("the image's");
    }
    root.makeDirectories("/", 0700).close();
    root.makeDirectories("..", 0700).close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/outside/deep", "../../outside/deep", "outside/deep"})
  void directoriesBehindALinkToNowhereAreMadeInside(String target) throws IOException {
    Files.createSymbolicLink(image.resolve("link"), Path.of(target));

    root.makeDirectories("link/c", 0755).close();

    assertThat(image.resolve("outside/deep/c")).isDirectory();
    assertThat(node.resolve("outside")).doesNotExist();
  }

  @Test
  void aFileBehindALinkToNowhereIsMadeInside() throws IOException {
    Files.createSymbolicLink(image.resolve("link"), Path.of("/etc/deep/resolv.conf"));

    root.makeFile("link", 0644).close();

    assertThat(image.resolve("etc/deep/resolv.conf")).isRegularFile();
    assertThat(Path.of("/etc/deep")).doesNotExist();
  }

  @Test
  void linksInACircleAreAnError() throws IOException {
    Files.createSymbolicLink(image.resolve("a"), Path.of("b"));
    Files.createSymbolicLink(image.resolve("b"), Path.of("a"));

    assertThatExceptionOfType(ErrnoException.class)
        .isThrownBy(() -> root.makeDirectories("a/c", 0755))
        .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ELOOP));
  }

  @Test
  void aFileInTheWayIsAnError() {
    assertThatExceptionOfType(ErrnoException.class)
        .isThrownBy(() -> root.makeDirectories("secret/c", 0755))
        .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENOTDIR));
  }

  @Test
  void executableIsWhatAnybodyMayExecute() throws IOException {
    var permissions = PosixFilePermissions.fromString("r--r-xr--");
    Files.setPosixFilePermissions(image.resolve("secret"), permissions);

    try (var file = root.locate("secret");
        var directory = root.locate("/")) {
      assertThat(file.isExecutable()).isTrue();
      assertThat(directory.isExecutable()).isFalse();
    }
  }

  private String contentOf(String path) throws IOException {
    try (var fd = root.open(path)) {
      return new String(fd.readUpTo(100), StandardCharsets.UTF_8);
    }
  }
}
