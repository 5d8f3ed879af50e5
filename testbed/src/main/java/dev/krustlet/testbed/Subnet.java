package dev.krustlet.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/// A private network of 256 addresses that no route of this machine leads to.
///
/// @param second of the four bytes of its addresses, the first is 10
/// @param third of the four
record Subnet(int second, int third) {
  private static final Path ROUTES = Path.of("/proc/net/route");
  private static final int TRIES = 1000;

  /// A route as the kernel shows it, lowest byte of an address last.
  record Route(int network, int mask) {
    static Route parse(String line) {
      String[] columns = line.split("\\s+", -1);
      return new Route(address(columns[1]), address(columns[7]));
    }

    private static int address(String hex) {
      return Integer.reverseBytes(Integer.parseUnsignedInt(hex, 16));
    }
  }

  static Subnet free() throws IOException {
    List<Route> routes = Files.readAllLines(ROUTES).stream().skip(1).map(Route::parse).toList();
    for (int i = 0; i < TRIES; i++) {
      var random = ThreadLocalRandom.current();
      var subnet = new Subnet(random.nextInt(128, 256), random.nextInt(256));
      if (routes.stream().noneMatch(subnet::overlaps)) {
        return subnet;
      }
    }
    throw new IOException("every private network that was tried is in use: " + routes);
  }

  /// Whether a route other than the default's leads to it, or into it.
  boolean overlaps(Route route) {
    int both = route.mask() & 0xffffff00;
    return route.mask() != 0 && (network() & both) == (route.network() & both);
  }

  private int network() {
    return 10 << 24 | second << 16 | third << 8;
  }

  String address(int last) {
    return "10.%d.%d.%d".formatted(second, third, last);
  }

  /// In CIDR notation.
  @Override
  public String toString() {
    return address(0) + "/24";
  }
}
