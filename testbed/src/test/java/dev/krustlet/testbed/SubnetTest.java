package dev.krustlet.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubnetTest {
  @ParameterizedTest
  @CsvSource({
    "00000000, 00000000, false", // the default's
    "0003D20A, 00FFFFFF, true", // 10.210.3.0/24
    "0000D20A, 0000FFFF, true", // 10.210.0.0/16
    "8003D20A, 80FFFFFF, true", // 10.210.3.128/25
    "0004D20A, 00FFFFFF, false", // 10.210.4.0/24
    "0000A8C0, 0000FFFF, false", // 192.168.0.0/16
  })
  void itOverlapsWithRoutesAroundItAndInIt(String network, String mask, boolean overlaps) {
    var route =
        Subnet.Route.parse("eth0\t%s\t00000000\t0001\t0\t0\t0\t%s".formatted(network, mask));
    assertThat(new Subnet(210, 3).overlaps(route)).isEqualTo(overlaps);
  }

  @Test
  void aFreeOneIsWrittenInCidrNotation() throws IOException {
    assertThat(Subnet.free().toString()).matches("10\\.\\d+\\.\\d+\\.0/24");
  }
}
