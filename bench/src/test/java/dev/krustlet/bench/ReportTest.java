package dev.krustlet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Machine MACHINE =
      new Machine(2, 24L << 30, "amd64", "6.1.0", "25.0.1", "1.6.20", "1.1.5", 0.25);
  private static final Figure STARTS =
      new Figure("starts", "to start", Figure.Unit.MILLISECONDS, Distribution.of(9, 1.234, 3))
          .meantToBeAtMost(3);
  private static final Figure SLOW =
      new Figure("slow", "to end", Figure.Unit.MILLISECONDS, Distribution.of(4.5))
          .meantToBeAtMost(4);
  private static final Figure RATE =
      new Figure("rate", "each second", Figure.Unit.PER_SECOND, Distribution.of(1234.5));

  private final Report report = new Report(MACHINE, 3, List.of(STARTS, SLOW, RATE));

  @Test
  void theTableNamesTheMachineAndEveryFigure() {
    assertThat(report.text().lines().map(line -> line.strip().replaceAll(" +", " ")))
        .contains(
            "2 cores, 24 GiB, amd64, Linux 6.1.0, Java 25.0.1, containerd 1.6.20, runc 1.1.5;"
                + " load 0.25 at the start",
            "to start 3 3.00 9.00 9.00 9.00 ms <= 3.00 met",
            "to end 1 4.50 ms <= 4.00 MISSED");
  }

  @Test
  void aTableIsTheSameInEveryLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertThat(report.text()).contains("9.00").contains("load 0.25").doesNotContain("9,00");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void aTargetIsMetByTheMedianUpToTheTargetItself() {
    assertThat(report.json()).contains("\"met\": true", "\"met\": false");
    assertThat(RATE.target()).isEmpty();
    for (double bound : new double[] {1234, 1234.5, 1235}) {
      var target = RATE.meantToBeAtLeast(bound).target().orElseThrow();
      assertThat(target.isMetBy(RATE.median())).isEqualTo(bound <= 1234.5);
    }
  }

  @Test
  void theJsonHasEveryValueAndNoTargetWhereThereIsNone() {
    JsonObject json = JsonParser.parseString(report.json()).getAsJsonObject();

    assertThat(json.getAsJsonObject("machine").get("cores").getAsInt()).isEqualTo(2);
    assertThat(json.get("iterations").getAsInt()).isEqualTo(3);
    var figures = json.getAsJsonArray("figures");
    assertThat(figures).hasSize(3);
    assertThat(figures.get(0))
        .isEqualTo(
            JsonParser.parseString(
                """
                {"name": "starts", "what": "to start", "unit": "ms", "count": 3, "min": 1.234,
                 "p50": 3.0, "p90": 9.0, "p99": 9.0, "max": 9.0, "target": 3.0, "met": true}
                """));
    assertThat(figures.get(1).getAsJsonObject().get("met").getAsBoolean()).isFalse();
    assertThat(figures.get(2).getAsJsonObject().keySet()).doesNotContain("target", "met");
  }
}
