package dev.krustlet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One short run, to see that it can be measured. No figure is judged, and nothing compared.
class HttpBenchIT {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  @Timeout(300)
  void measuresServicesAndTakesThemAway() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/wrk")), "needs wrk");

    int status =
        HttpBench.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute("--rounds", "1", "--seconds", "1", "--json");

    assertThat(status).as(err.toString()).isZero();
    var figures =
        JsonParser.parseString(out.toString()).getAsJsonObject().getAsJsonArray("figures");
    assertThat(
            StreamSupport.stream(figures.spliterator(), false)
                .map(each -> each.getAsJsonObject().get("name").getAsString()))
        .containsExactly(
            "http_start",
            "http_first_request",
            "http_rate_engine_run",
            "http_p50_engine_run",
            "http_p99_engine_run",
            "http_cpu_engine_run",
            "http_rate_pod",
            "http_p50_pod",
            "http_p99_pod",
            "http_cpu_pod");
  }
}
