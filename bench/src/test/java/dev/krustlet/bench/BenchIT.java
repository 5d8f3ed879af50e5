package dev.krustlet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One run of everything, to see that it can be measured. No figure is judged.
class BenchIT {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  @Timeout(300)
  void measuresEverythingAndTakesItAway() throws IOException {
    Set<Path> networks = networks();

    int status =
        Bench.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute("--iterations", "2", "--json");

    assertThat(status).as(err.toString()).isZero();
    var figures =
        JsonParser.parseString(out.toString()).getAsJsonObject().getAsJsonArray("figures");
    assertThat(
            StreamSupport.stream(figures.spliterator(), false)
                .map(each -> name(each.getAsJsonObject())))
        .containsExactly(
            "start_cold",
            "first_create_start",
            "pss_idle_fresh",
            "start_warm",
            "start_true",
            "task_create_start",
            "task_whole",
            "tasks_at_once_1",
            "tasks_at_once_8",
            "ctr_run_krustlet_wasm",
            "ctr_run_krustlet_native",
            "ctr_run_runc_native",
            "ctr_version",
            "ctr_at_once_krustlet_wasm",
            "ctr_at_once_krustlet_native",
            "ctr_at_once_runc_native",
            "pss_container_krustlet_wasm",
            "pss_container_krustlet_native",
            "pss_container_runc_native",
            "pss_idle_after");
    assertThat(networks()).isSubsetOf(networks);
  }

  private static String name(JsonObject figure) {
    return figure.get("name").getAsString();
  }

  /// Those of other beds may go meanwhile.
  private static Set<Path> networks() throws IOException {
    Path directory = Path.of("/run/netns");
    if (!Files.isDirectory(directory)) {
      return Set.of();
    }
    try (Stream<Path> names = Files.list(directory)) {
      return names.collect(Collectors.toSet());
    }
  }
}
