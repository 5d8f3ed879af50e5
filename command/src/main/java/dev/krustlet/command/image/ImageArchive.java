package dev.krustlet.command.image;

import dev.krustlet.shim.oci.Descriptor;
import dev.krustlet.shim.oci.Digests;
import dev.krustlet.shim.oci.ImageManifest;
import dev.krustlet.shim.oci.SpecException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An OCI image layout in an archive, to be read. Whoever made it may mean us harm.
///
/// @param places of its blobs, by digest
/// @param images what its index lists
public record ImageArchive(Path file, Map<String, Place> places, List<Descriptor> images) {
  private static final String BLOBS = "blobs/sha256/";
  private static final String NAME = "io.containerd.image.name";

  /// Where in the archive a blob is.
  record Place(long position, long size) {}

  /// Finds what is where. No blob is looked at.
  ///
  /// @throws LayoutException if it is no image layout
  public static ImageArchive open(Path file) throws IOException {
    Map<String, Place> places = new HashMap<>();
    Optional<byte[]> index = Optional.empty();
    String name = "'" + file + "'";
    try (var entries =
        new TarEntries(new BufferedInputStream(Files.newInputStream(file), 1 << 16), name)) {
      for (var each = entries.next(); each.isPresent(); each = entries.next()) {
        String path = each.get().getName().replaceFirst("^(\\./)+", "");
        if (each.get().isFile() && path.equals("index.json")) {
          index = Optional.of(entries.content().readNBytes(ImageTree.MAX_DOCUMENT + 1));
        } else if (each.get().isFile() && path.startsWith(BLOBS)) {
          places.put(
              Digests.SHA256 + path.substring(BLOBS.length()),
              new Place(entries.position(), each.get().getSize()));
        }
      }
    }
    return new ImageArchive(file, Map.copyOf(places), images(name, index));
  }

  private static List<Descriptor> images(String name, Optional<byte[]> index)
      throws LayoutException {
    if (index.isEmpty() || index.get().length > ImageTree.MAX_DOCUMENT) {
      throw new LayoutException(
          "%s is no OCI image layout: it has no index.json of 4 MiB at most".formatted(name));
    }
    try {
      String json = new String(index.get(), StandardCharsets.UTF_8);
      return ImageManifest.parse(name + ": index.json", json).manifests();
    } catch (SpecException e) {
      throw new LayoutException(String.valueOf(e.getMessage()));
    }
  }

  /// The name that an image has in the archive.
  public static Optional<String> name(Descriptor image) {
    return Optional.ofNullable(image.annotations().get(NAME));
  }

  /// Reads a manifest of an image in it.
  public byte[] document(Descriptor descriptor) throws IOException {
    if (place(descriptor.digest()).size() > ImageTree.MAX_DOCUMENT) {
      throw new LayoutException(
          "'%s': manifest %s is larger than 4 MiB".formatted(file, descriptor.digest()));
    }
    try (var in = blob(descriptor.digest())) {
      return in.readAllBytes();
    }
  }

  /// Opens a blob, as many bytes as the archive has of it.
  public InputStream blob(String digest) throws IOException {
    Place place = place(digest);
    var channel = FileChannel.open(file, StandardOpenOption.READ);
    channel.position(place.position());
    return new Limited(Channels.newInputStream(channel), place.size());
  }

  /// Makes sure that a blob is what its descriptor says.
  public void check(Descriptor blob) throws IOException {
    MessageDigest hash = Digests.sha256();
    byte[] buffer = new byte[1 << 16];
    try (var in = blob(blob.digest())) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        hash.update(buffer, 0, n);
      }
    }
    if (place(blob.digest()).size() != blob.size()
        || !Digests.named(hash.digest()).equals(blob.digest())) {
      throw new LayoutException(
          "'%s': blob %s is damaged: its bytes have another digest".formatted(file, blob.digest()));
    }
  }

  private Place place(String digest) throws LayoutException {
    Place place = places.get(digest);
    if (place == null) {
      throw new LayoutException("'%s' has no blob %s".formatted(file, digest));
    }
    return place;
  }
}
