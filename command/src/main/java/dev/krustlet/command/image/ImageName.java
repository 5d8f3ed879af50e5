package dev.krustlet.command.image;

import java.util.regex.Pattern;

/// The name of an image, complete with registry and tag, as containerd keeps it.
///
/// @param registry host and port
/// @param repository the path there
/// @param tag which of its images
public record ImageName(String registry, String repository, String tag) {
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?");
  private static final Pattern PATH =
      Pattern.compile("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

  /// Reads a name and completes it as Docker does: `hello` is `docker.io/library/hello:latest`.
  ///
  /// @throws IllegalArgumentException with a sentence that says what is wrong
  public static ImageName parse(String text) {
    int colon = text.lastIndexOf(':');
    boolean tagged = colon > text.lastIndexOf('/');
    String path = tagged ? text.substring(0, colon) : text;
    String tag = tagged ? text.substring(colon + 1) : "latest";
    int slash = path.indexOf('/');
    boolean hosted = slash > 0 && isHost(path.substring(0, slash));
    String registry = hosted ? path.substring(0, slash) : "docker.io";
    String repository = hosted ? path.substring(slash + 1) : path;
    if (!hosted && slash < 0) {
      repository = "library/" + repository;
    }
    if (!PATH.matcher(repository).matches() || !TAG.matcher(tag).matches()) {
      throw new IllegalArgumentException(
          "'%s' is no image name like ghcr.io/me/app:1".formatted(text));
    }
    return new ImageName(registry, repository, tag);
  }

  private static boolean isHost(String text) {
    return HOST.matcher(text).matches()
        && (text.contains(".") || text.contains(":") || text.equals("localhost"));
  }

  @Override
  public String toString() {
    return "%s/%s:%s".formatted(registry, repository, tag);
  }
}
