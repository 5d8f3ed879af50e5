package dev.krustlet.testbed.api;

import com.google.protobuf.Timestamp;
import java.time.Instant;

/// How and when a process ended, as Wait, Delete and the event tell it.
public record Ended(int status, Instant at) {
  public static Ended of(int status, Timestamp at) {
    return new Ended(status, Instant.ofEpochSecond(at.getSeconds(), at.getNanos()));
  }
}
