package dev.krustlet.ttrpc;

import java.time.Duration;
import java.util.Map;

/// How a call is made.
///
/// @param timeout how long to wait for the answer; zero is no bound
/// @param metadata sent along; keys in lower case
public record CallOptions(Duration timeout, Map<String, String> metadata) {
  public static final CallOptions NONE = new CallOptions(Duration.ZERO, Map.of());

  public CallOptions {
    metadata = Map.copyOf(metadata);
  }

  public static CallOptions timeout(Duration timeout) {
    return new CallOptions(timeout, Map.of());
  }
}
