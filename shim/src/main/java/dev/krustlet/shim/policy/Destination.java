package dev.krustlet.shim.policy;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;

/// Where a rule for outbound connections leads to.
sealed interface Destination {
  /// A host by its name.
  record Name(String name) implements Destination {}

  /// All hosts whose names end in a dot and this.
  record Below(String domain) implements Destination {}

  /// An address, or all with its first bits.
  record Network(InetAddress address, int bits) implements Destination {
    boolean contains(Network other) {
      byte[] ours = address.getAddress();
      byte[] theirs = other.address.getAddress();
      if (ours.length != theirs.length || other.bits < bits) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit & 7);
        if ((ours[bit >> 3] & mask) != (theirs[bit >> 3] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  Pattern LABELS =
      Pattern.compile("(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\\.[a-z0-9_][a-z0-9_-]{0,62})*");
  Pattern NUMBERS = Pattern.compile("[0-9.]+");
  Pattern V4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  Pattern V6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
  Pattern BITS = Pattern.compile("\\d{1,3}");

  /// Reads `NAME`, `*.NAME`, `ADDRESS` or `ADDRESS/BITS`.
  ///
  /// @throws IllegalArgumentException with a sentence that says what is wrong
  static Destination parse(String text) {
    int slash = text.indexOf('/');
    String host = slash < 0 ? text : text.substring(0, slash);
    if (slash >= 0 || NUMBERS.matcher(host).matches() || V6.matcher(host).matches()) {
      InetAddress address = address(host);
      int most = address.getAddress().length * 8;
      return new Network(address, slash < 0 ? most : bits(text.substring(slash + 1), most));
    }
    String name = host.toLowerCase(Locale.ROOT);
    boolean below = name.startsWith("*.");
    String labels = below ? name.substring(2) : name;
    if (!LABELS.matcher(labels).matches()) {
      throw new IllegalArgumentException(
          "'%s' is no NAME, *.NAME, ADDRESS or CIDR".formatted(text));
    }
    return below ? new Below(labels) : new Name(labels);
  }

  private static InetAddress address(String text) {
    boolean v4 = V4.matcher(text).matches();
    if (v4 || V6.matcher(text).matches()) {
      try {
        InetAddress address = InetAddress.ofLiteral(text);
        if (v4 == address instanceof Inet4Address) { // else IPv4 within IPv6
          return address;
        }
      } catch (IllegalArgumentException _) {
        // told below
      }
    }
    throw new IllegalArgumentException("'%s' is no IP address".formatted(text));
  }

  private static int bits(String text, int most) {
    if (!BITS.matcher(text).matches() || Integer.parseInt(text) > most) {
      throw new IllegalArgumentException("'/%s' is no length up to %d".formatted(text, most));
    }
    return Integer.parseInt(text);
  }

  /// Whether all that this leads to is there as well. A name may have any address, so it is within
  /// names alone.
  default boolean isWithin(Destination other) {
    return switch (other) {
      case Name name -> equals(name);
      case Below(String domain) ->
          switch (this) {
            case Name(String name) -> name.endsWith("." + domain);
            case Below(String own) -> own.equals(domain) || own.endsWith("." + domain);
            case Network _ -> false;
          };
      case Network network -> this instanceof Network own && network.contains(own);
    };
  }

  /// Whether it is all addresses of the family with addresses of so many bytes.
  default boolean isEverywhere(int bytes) {
    return this instanceof Network(InetAddress address, int bits)
        && bits == 0
        && address.getAddress().length == bytes;
  }
}
