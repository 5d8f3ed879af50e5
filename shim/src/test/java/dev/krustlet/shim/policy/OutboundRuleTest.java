package dev.krustlet.shim.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutboundRuleTest {
  @ParameterizedTest
  @CsvSource({
    "api.example.com, API.example.com",
    "api.example.com:443, *.example.com:400-500",
    "*.eu.example.com:443, *.example.com",
    "10.1.2.3, 10.0.0.0/8",
    "10.1.0.0/16:80, 10.0.0.0/8:1-1024",
    "10.0.0.0/9, 10.128.0.0/0",
    "::1, ::/0",
    "[fd00::1]:80, [fd00::/8]:80",
  })
  void whatIsLessIsWithin(String narrow, String wide) {
    assertThat(OutboundRule.parse(narrow).isWithin(rules(wide))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "example.com, *.example.com",
    "evilexample.com, *.example.com",
    "*.example.com, api.example.com",
    "*.com, *.example.com",
    "api.example.com, api.example.com:443",
    "api.example.com:80-90, api.example.com:85-95",
    "11.0.0.1, 10.0.0.0/8",
    "10.0.0.0/7, 10.0.0.0/8",
    "::1, 0.0.0.0/0",
    "api.example.com, 0.0.0.0/0",
    "10.0.0.1, *.example.com",
  })
  void whatIsMoreIsNot(String wide, String narrow) {
    assertThat(OutboundRule.parse(wide).isWithin(rules(narrow))).isFalse();
  }

  @Test
  void aNameIsWithinAllAddressesTogether() {
    var everywhere = rules("0.0.0.0/0:443", "[::/0]:443");

    assertThat(OutboundRule.parse("api.example.com:443").isWithin(everywhere)).isTrue();
    assertThat(OutboundRule.parse("api.example.com:80").isWithin(everywhere)).isFalse();
    assertThat(OutboundRule.parse("*.example.com:443").isWithin(everywhere)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "*.",
        "a..b",
        "https://a.example",
        "a b",
        "1.2.3",
        "1.2.3.400",
        "10.0.0.0/33",
        "::/129",
        "10.0.0.0/",
        "a.example/8",
        "a.example:",
        "a.example:0",
        "a.example:70000",
        "a.example:9-8",
        "[::1",
        "[::1]80",
        "::ffff:1.2.3.4",
        "fe80::1%eth0",
        ""
      })
  void whatIsNoRuleIsRefusedByItsText(String text) {
    assertThatThrownBy(() -> OutboundRule.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("rule '%s': ".formatted(text));
  }

  private static List<OutboundRule> rules(String... texts) {
    return Stream.of(texts).map(OutboundRule::parse).toList();
  }
}
