package dev.krustlet.testbed.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krustlet.testbed.Finished;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class WrkTest {
  @Test
  void readsTheFiguresBetweenWrksOwnWords() throws IOException {
    String said = "Requests/sec: 3\nfigures 9000 2000000 1500 30250 2\n";

    assertThat(Wrk.parse(new Finished(0, said, ""))).isEqualTo(new Wrk(9000, 4500, 1.5, 30.25, 2));
  }

  @Test
  void saysWhyThereAreNone() {
    assertThatThrownBy(() -> Wrk.parse(new Finished(1, "", "unable to connect\n")))
        .isInstanceOf(IOException.class)
        .hasMessage("wrk ended with 1: unable to connect");
  }
}
