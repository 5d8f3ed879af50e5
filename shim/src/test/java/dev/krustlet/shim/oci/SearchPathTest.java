package dev.krustlet.shim.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SearchPathTest {
  @Test
  void aNameWithASlashIsAPathFromTheWorkingDirectory() {
    assertThat(SearchPath.candidates(List.of("PATH=/bin"), "/w", "./app"))
        .containsExactly("/w/app");
    assertThat(SearchPath.candidates(List.of(), "/w", "/app")).containsExactly("/app");
    assertThat(SearchPath.candidates(List.of(), "/w", "link/../app"))
        .containsExactly("/w/link/../app");
  }

  @Test
  void anEmptyEntryOfPathIsTheWorkingDirectoryAndTheLastPathCounts() {
    assertThat(SearchPath.candidates(List.of("PATH=/no", "PATH=/bin::b:"), "/w", "app"))
        .containsExactly("/bin/app", "/w/app", "/w/b/app", "/w/app");
    assertThat(SearchPath.candidates(List.of(), "/", "app")).contains("/usr/bin/app", "/bin/app");
  }
}
