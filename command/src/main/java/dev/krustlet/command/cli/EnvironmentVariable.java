package dev.krustlet.command.cli;

/// A variable of a guest's environment.
record EnvironmentVariable(String name, String value) {
  /// Reads `NAME=VALUE`; the value may be empty and may hold more of `=`.
  ///
  /// @throws IllegalArgumentException with a sentence that says what is wrong
  static EnvironmentVariable parse(String text) {
    int equals = text.indexOf('=');
    if (equals <= 0) {
      throw new IllegalArgumentException("'%s' is not NAME=VALUE".formatted(text));
    }
    return new EnvironmentVariable(text.substring(0, equals), text.substring(equals + 1));
  }

  @Override
  public String toString() {
    return name + '=' + value;
  }
}
