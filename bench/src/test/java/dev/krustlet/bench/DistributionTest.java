package dev.krustlet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DistributionTest {
  @Test
  void ofAHundredValuesThePercentilesAreThoseValues() {
    var values = Distribution.of(IntStream.rangeClosed(1, 100).mapToObj(i -> 101.0 - i).toList());

    assertThat(values.percentile(1)).isEqualTo(1);
    assertThat(values.percentile(50)).isEqualTo(50);
    assertThat(values.percentile(99)).isEqualTo(99);
    assertThat(values.percentile(100)).isEqualTo(100);
  }

  @Test
  void aPercentileIsNeverBetweenTwoValues() {
    var values = Distribution.of(4, 1, 3, 2, 5);

    assertThat(values.percentile(50)).isEqualTo(3);
    assertThat(values.percentile(60)).isEqualTo(3);
    assertThat(values.percentile(61)).isEqualTo(4);
    assertThat(values.percentile(90)).isEqualTo(5);
  }

  @Test
  void ofTwoValuesTheMedianIsTheSmaller() {
    assertThat(Distribution.of(8, 2).percentile(50)).isEqualTo(2);
  }

  @Test
  void oneValueIsEveryPercentile() {
    var value = Distribution.of(7);

    assertThat(value.count()).isEqualTo(1);
    assertThat(List.of(value.min(), value.percentile(1), value.percentile(99), value.max()))
        .containsOnly(7.0);
  }

  @Test
  void doesNotChangeWithTheArrayItWasMadeOf() {
    double[] array = {3, 1, 2};
    var values = Distribution.of(array);
    array[0] = 100;

    assertThat(values.max()).isEqualTo(3);
    assertThat(array[1]).isEqualTo(1);
  }

  @Test
  void refusesNoValuesAndWhatIsNoPercentile() {
    assertThatThrownBy(() -> Distribution.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    for (int percent : new int[] {0, 101, -1}) {
      assertThatThrownBy(() -> Distribution.of(1).percentile(percent))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(Integer.toString(percent));
    }
  }
}
