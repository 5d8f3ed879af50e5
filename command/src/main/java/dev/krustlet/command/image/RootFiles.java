package dev.krustlet.command.image;

import dev.krustlet.shim.oci.Descriptor;
import dev.krustlet.shim.oci.Digests;
import dev.krustlet.shim.oci.WasmHead;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/// The wasm files of a root, and the links by which they are found: what higher layers put in their
/// place or take away is not among them.
public final class RootFiles {
  private static final int MAX_NODES = 100_000;
  private static final int MAX_LINKS = 40;
  private static final String GONE = ".wh.";
  private static final String ALL_GONE = ".wh..wh..opq";

  private final NavigableMap<String, Node> nodes = new TreeMap<>();

  sealed interface Node {
    Descriptor layer();
  }

  private record Link(Descriptor layer, String target) implements Node {}

  /// A file that is a module or component.
  ///
  /// @param ordinal which entry of its layer
  /// @param sha256 of its bytes, in hexadecimal
  public record Wasm(
      Descriptor layer, int ordinal, String path, String sha256, long size, boolean text)
      implements Node {}

  RootFiles() {}

  /// Takes the next entry of the layers.
  void add(Descriptor layer, int ordinal, TarArchiveEntry entry, InputStream content)
      throws IOException {
    String path = normal("/", entry.getName());
    String name = path.substring(path.lastIndexOf('/') + 1);
    String parent = path.substring(0, path.length() - name.length());
    if (name.equals(ALL_GONE)) {
      below(parent).values().removeIf(each -> !each.layer().equals(layer));
    } else if (name.startsWith(GONE)) {
      remove(parent + name.substring(GONE.length()));
    } else if (!entry.isDirectory()) {
      remove(path);
      put(path, node(layer, ordinal, path, entry, content));
    }
  }

  private void remove(String path) {
    nodes.remove(path);
    below(path + "/").clear();
  }

  /// What is in a directory, at any depth.
  ///
  /// @param directory with a slash at its end, behind which comes the digit 0
  private SortedMap<String, Node> below(String directory) {
    return nodes.subMap(directory, directory.substring(0, directory.length() - 1) + "0");
  }

  private void put(String path, Optional<? extends Node> node) throws LayoutException {
    node.ifPresent(it -> nodes.put(path, it));
    if (nodes.size() > MAX_NODES) {
      throw new LayoutException(
          "the image has more than %d links and wasm files".formatted(MAX_NODES));
    }
  }

  private Optional<? extends Node> node(
      Descriptor layer, int ordinal, String path, TarArchiveEntry entry, InputStream content)
      throws IOException {
    if (entry.isSymbolicLink()) {
      return Optional.of(new Link(layer, entry.getLinkName()));
    }
    if (entry.isLink()) {
      return Optional.ofNullable(nodes.get(normal("/", entry.getLinkName())));
    }
    return entry.isFile() ? wasm(layer, ordinal, path, entry.getSize(), content) : Optional.empty();
  }

  private static Optional<Wasm> wasm(
      Descriptor layer, int ordinal, String path, long size, InputStream content)
      throws IOException {
    byte[] head = content.readNBytes(WasmHead.BYTES);
    if (!WasmHead.isWasm(head)) {
      return Optional.empty();
    }
    boolean isText = head[0] != 0;
    MessageDigest hash = Digests.sha256();
    hash.update(head);
    new DigestInputStream(content, hash).transferTo(OutputStream.nullOutputStream());
    return Optional.of(
        new Wasm(layer, ordinal, path, HexFormat.of().formatHex(hash.digest()), size, isText));
  }

  /// Every file that begins with `\0asm`, by its path.
  public List<Wasm> modules() {
    return nodes.values().stream()
        .filter(Wasm.class::isInstance)
        .map(Wasm.class::cast)
        .filter(each -> !each.text())
        .distinct()
        .toList();
  }

  /// The file behind a path, wherever links lead in this root.
  public Optional<Wasm> at(String path) {
    String resolved = normal("/", path);
    for (int links = 0; links < MAX_LINKS; links++) {
      Optional<String> next = followed(resolved);
      if (next.isEmpty()) {
        return Optional.ofNullable(nodes.get(resolved))
            .flatMap(it -> it instanceof Wasm wasm ? Optional.of(wasm) : Optional.empty());
      }
      resolved = next.get();
    }
    return Optional.empty();
  }

  /// The path without its first link; empty if it has none.
  private Optional<String> followed(String path) {
    for (int end = path.indexOf('/', 1); ; end = path.indexOf('/', end + 1)) {
      String prefix = end < 0 ? path : path.substring(0, end);
      if (nodes.get(prefix) instanceof Link link) {
        String parent = prefix.substring(0, prefix.lastIndexOf('/') + 1);
        String rest = end < 0 ? "" : path.substring(end);
        return Optional.of(normal(parent, link.target() + rest));
      }
      if (end < 0) {
        return Optional.empty();
      }
    }
  }

  /// A path from the root; what leads out of it stays inside.
  private static String normal(String directory, String path) {
    var parts = new ArrayDeque<String>();
    String whole = path.startsWith("/") ? path : directory + "/" + path;
    for (String each : Arrays.asList(whole.split("/", -1))) {
      if (each.equals("..")) {
        parts.pollLast();
      } else if (!each.isEmpty() && !each.equals(".")) {
        parts.addLast(each);
      }
    }
    return "/" + String.join("/", parts);
  }
}
