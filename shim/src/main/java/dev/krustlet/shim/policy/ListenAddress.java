package dev.krustlet.shim.policy;

/// `ADDRESS:PORT` of a socket that a guest finds open.
public final class ListenAddress {
  private ListenAddress() {}

  /// The text, if it is one.
  ///
  /// @throws IllegalArgumentException with a sentence that says what is wrong
  public static String parse(String text) {
    int colon = text.lastIndexOf(':');
    String address = colon < 0 ? "" : text.substring(0, colon);
    boolean bracketed = address.startsWith("[") && address.endsWith("]");
    String bare = bracketed ? address.substring(1, address.length() - 1) : address;
    try {
      boolean v6 = bare.contains(":");
      boolean one = Destination.parse(bare) instanceof Destination.Network && !bare.contains("/");
      if (one && v6 == bracketed && port(text).first() == port(text).last()) {
        return text;
      }
    } catch (IllegalArgumentException _) {
      // told below
    }
    throw new IllegalArgumentException("'%s' is no ADDRESS:PORT".formatted(text));
  }

  static PortRange port(String address) {
    return PortRange.parse(address.substring(address.lastIndexOf(':') + 1));
  }
}
