package dev.krustlet.command.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.shim.oci.Descriptor;
import dev.krustlet.shim.oci.Digests;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class ImageArchiveTest {
  private static final int BLOCK = 512;

  @TempDir private Path directory;

  private Path archive(Map<String, String> files) throws IOException {
    Path file = directory.resolve("a.tar");
    try (var tar = new TarArchiveOutputStream(Files.newOutputStream(file))) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (var each : files.entrySet()) {
        byte[] bytes = each.getValue().getBytes(StandardCharsets.UTF_8);
        var entry = new TarArchiveEntry(each.getKey());
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
      }
    }
    return file;
  }

  private static String digest(String text) {
    return Digests.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String path(String digest) {
    return "blobs/sha256/" + digest.substring("sha256:".length());
  }

  private static Descriptor descriptor(String text) {
    return Descriptor.of("a/b", digest(text), text.length());
  }

  /// A manifest of one blob.
  private static String manifest(String blob) {
    return "{\"layers\":[{\"digest\":\"%s\",\"size\":%d}]}".formatted(digest(blob), blob.length());
  }

  private static String index(String manifest) {
    return "{\"manifests\":[{\"digest\":\"%s\",\"size\":%d,\"annotations\":{\"%s\":\"a/b:1\"}}]}"
        .formatted(digest(manifest), manifest.length(), "io.containerd.image.name");
  }

  private static ImageTree tree(ImageArchive archive) throws IOException {
    return ImageTree.read(archive.images().getFirst(), archive::document);
  }

  @Test
  void blobsAreFoundWhereverTheyAreAndAreWhatTheirDigestsSay() throws IOException {
    String manifest = manifest("blob");
    var archive =
        ImageArchive.open(
            archive(
                Map.of(
                    path(digest("blob")),
                    "blob",
                    "d/" + "x".repeat(300),
                    "a long name in between",
                    "./index.json",
                    index(manifest),
                    "./" + path(digest(manifest)),
                    manifest)));

    ImageTree tree = tree(archive);

    assertThat(ImageArchive.name(archive.images().getFirst())).hasValue("a/b:1");
    assertThat(tree.root().bytes()).asString().isEqualTo(manifest);
    assertThat(tree.blobs()).containsExactly(Descriptor.of("", digest("blob"), 4));
    archive.check(tree.blobs().getFirst());
    try (var in = archive.blob(digest("blob"))) {
      assertThat(in.readAllBytes()).asString().isEqualTo("blob");
    }
  }

  @Test
  void damageIsSeen() throws IOException {
    String manifest = manifest("blob");
    var archive =
        ImageArchive.open(
            archive(
                Map.of(
                    "index.json",
                    index(manifest),
                    path(digest(manifest)),
                    manifest.replace("4}", "5}"),
                    path(digest("blob")),
                    "bulb")));

    assertThatThrownBy(() -> tree(archive))
        .isInstanceOf(LayoutException.class)
        .hasMessageContaining("damaged");
    assertThatThrownBy(() -> archive.check(descriptor("blob")))
        .hasMessageContaining("%s is damaged", digest("blob"));
    assertThatThrownBy(() -> archive.check(descriptor("none"))).hasMessageContaining("has no blob");
  }

  @Test
  void whatIsNoLayoutIsRefused() throws IOException {
    Path text = Files.writeString(directory.resolve("t"), "text".repeat(1000));

    assertThatThrownBy(() -> ImageArchive.open(text)).isInstanceOf(LayoutException.class);
    assertThatThrownBy(() -> ImageArchive.open(archive(Map.of("a", "b"))))
        .hasMessageContaining("it has no index.json");
    assertThatThrownBy(() -> ImageArchive.open(archive(Map.of("index.json", "no JSON"))))
        .hasMessageContaining("index.json");
    assertThatThrownBy(() -> ImageArchive.open(archive(Map.of("index.json", " ".repeat(5 << 20)))))
        .hasMessageContaining("4 MiB");
  }

  @Test
  void anArchiveThatIsCutOffIsRefused() throws IOException {
    String manifest = manifest("blob");
    Path file = archive(Map.of("index.json", index(manifest), "a", "b".repeat(100_000)));
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 50_000));

    assertThatThrownBy(() -> ImageArchive.open(file)).isInstanceOf(LayoutException.class);
  }

  /// A header by hand: libraries refuse to write such.
  private static void header(OutputStream out, char type, long size) throws IOException {
    var block = new byte[BLOCK];
    put(block, 0, "x");
    put(block, 124, "%011o".formatted(size));
    put(block, 148, "        ");
    block[156] = (byte) type;
    put(block, 257, "ustar\0" + "00");
    int sum = 0;
    for (byte each : block) {
      sum += each & 0xff;
    }
    put(block, 148, "%06o\0 ".formatted(sum));
    out.write(block);
  }

  private static void put(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  @Test
  void aNameOfManyMegabytesIsNotRead() throws IOException {
    for (char type : new char[] {'L', 'K', 'x', 'g'}) {
      Path file = directory.resolve("long" + type);
      try (var out = Files.newOutputStream(file)) {
        header(out, type, 64 << 20);
        for (int i = 0; i < 64; i++) {
          out.write(new byte[1 << 20]);
        }
      }

      assertThatThrownBy(() -> ImageArchive.open(file))
          .as("type " + type)
          .isInstanceOf(LayoutException.class)
          .hasMessageContaining("no whole tar archive");
    }
  }

  @Test
  void anImageHasNoMoreManifestsThanItNeeds() {
    var endless =
        new DocumentSource() {
          @Override
          public byte[] read(Descriptor manifest) {
            return new byte[0];
          }
        };
    var other = Descriptor.of("", "md5:abc", 1);

    assertThatThrownBy(() -> ImageTree.read(other, endless)).hasMessageContaining("no SHA-256");
    assertThatThrownBy(() -> ImageTree.read(descriptor("x"), endless))
        .hasMessageContaining("damaged");
  }

  @Test
  void indexesMayNestButNotForEver() throws IOException {
    String document = manifest("blob");
    for (int depth = 1; depth < 8; depth++) {
      document = index(document);
    }
    Map<String, String> files = new java.util.HashMap<>();
    String inner = manifest("blob");
    for (int depth = 1; depth < 8; depth++) {
      files.put(digest(inner), inner);
      inner = index(inner);
    }
    files.put(digest(inner), inner);
    String whole = inner;

    assertThat(whole).isEqualTo(document);
    assertThatThrownBy(() ->
            ImageTree.read(
                descriptor(whole),
                each -> String.valueOf(files.get(each.digest())).getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("too many manifests");
  }
}
