package dev.krustlet.command.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageNameTest {
  @ParameterizedTest
  @CsvSource({
    "hello, docker.io/library/hello:latest",
    "me/hello:1, docker.io/me/hello:1",
    "localhost/hello:1, localhost/hello:1",
    "localhost:5000/a/b, localhost:5000/a/b:latest",
    "ghcr.io/me/a_b.c--d:v1.0-x, ghcr.io/me/a_b.c--d:v1.0-x",
    "host:5000/app:1, host:5000/app:1",
  })
  void aNameIsCompletedAsDockerDoes(String given, String complete) {
    assertThat(ImageName.parse(given)).hasToString(complete);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Hello", "a//b", "a:", "a b", "ghcr.io/", "a@sha256:00", "-a", "a:b c"})
  void whatIsNoNameIsRefused(String given) {
    assertThatThrownBy(() -> ImageName.parse(given)).hasMessageContaining("'" + given + "'");
  }
}
