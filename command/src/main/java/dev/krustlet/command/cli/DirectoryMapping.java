package dev.krustlet.command.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/// A directory of this machine under a path of the guest's own.
record DirectoryMapping(String host, String guest, boolean readOnly) {
  private static final String READ_ONLY = ":ro";

  /// Reads `HOST:GUEST` or `HOST:GUEST:ro`.
  ///
  /// @throws IllegalArgumentException with a sentence that says what is wrong
  static DirectoryMapping parse(String text) {
    boolean readOnly = text.endsWith(READ_ONLY);
    String pair = readOnly ? text.substring(0, text.length() - READ_ONLY.length()) : text;
    int colon = pair.indexOf(':');
    if (colon <= 0 || colon != pair.lastIndexOf(':')) {
      throw new IllegalArgumentException("'%s' is not HOST:GUEST or HOST:GUEST:ro".formatted(text));
    }
    String guest = pair.substring(colon + 1);
    if (!guest.startsWith("/")) {
      throw new IllegalArgumentException(
          "the guest's path '%s' in '%s' does not begin with /".formatted(guest, text));
    }
    return new DirectoryMapping(pair.substring(0, colon), guest, readOnly);
  }

  /// Makes sure that there is a directory to map.
  void check() throws CommandException {
    if (!Files.isDirectory(Path.of(host))) {
      String why = Files.exists(Path.of(host)) ? "is no directory" : "does not exist";
      throw new CommandException(
          ExitStatus.NO_INPUT, "--dir %s: '%s' %s".formatted(this, host, why));
    }
  }

  /// As the engine and the user write it.
  @Override
  public String toString() {
    return host + ':' + guest + (readOnly ? READ_ONLY : "");
  }
}
