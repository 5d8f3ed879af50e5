package dev.krustlet.runtimeclass;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// A message that a user looks up in docs/troubleshooting.md is one that a program prints.
final class TroubleshootingTest {
  /// The first cell of a row of a table.
  private static final Pattern FIRST_CELL =
      Pattern.compile("(?m)^\\| ((?:[^|`]|``.*?``|`[^`]*`)+) \\|");

  private static final Pattern QUOTE = Pattern.compile("``(.+?)``|`([^`]+)`");

  /// What leaves out a part of a message that varies.
  private static final String GAP = "…";

  /// Messages of the kubelet, of containerd and of the kernel.
  private static final Set<String> OF_OTHERS =
      Set.of(
          "no runtime for \"krustlet\" is configured",
          "binary not installed \"containerd-shim-krustlet-v1\"",
          "0/1 nodes are available",
          "node selector",
          "no command specified",
          "mismatched image rootfs and manifest layers",
          "component imports instance",
          ", but a matching implementation was not found",
          "Function not implemented",
          "expected cgroupsPath to be of format \"slice:prefix:name\"");

  private static List<String> fragments() throws IOException {
    List<String> fragments = new ArrayList<>();
    FIRST_CELL
        .matcher(Checkout.text("docs/troubleshooting.md"))
        .results()
        .flatMap(cell -> QUOTE.matcher(cell.group(1)).results())
        .map(quote -> quote.group(1) == null ? quote.group(2) : quote.group(1))
        .filter(TroubleshootingTest::isMessage)
        .forEach(quote -> fragments.addAll(List.of(quote.split(GAP))));
    return fragments.stream()
        .map(String::strip)
        .filter(each -> each.contains(" ") && !each.startsWith(":"))
        .filter(each -> !OF_OTHERS.contains(each))
        .toList();
  }

  /// Paths, commands, names of fields and annotations are quoted too.
  private static boolean isMessage(String quote) {
    return quote.contains(" ") && !quote.startsWith("kubectl ") && !quote.startsWith("type=");
  }

  @Test
  void everyQuotedMessageIsOneThatAProgramPrints() throws IOException {
    var said = SaidSentences.ofPrograms();

    assertThat(fragments()).hasSizeGreaterThan(15);
    assertThat(fragments()).filteredOn(each -> !said.have(each)).isEmpty();
  }

  @Test
  void aPlaceholderStandsForAnyText() {
    var said =
        new SaidSentences(
            SaidSentences.in(
                "say(\"`%s` is a program\" + \" for %s\"); f(\"guest {name} is \\\n    lost\")"));

    assertThat(said.have("is a program for aarch64")).isTrue();
    assertThat(said.have("guest 7 is lost")).isTrue();
    assertThat(said.have("is no program")).isFalse();
  }
}
