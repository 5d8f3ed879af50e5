package dev.krustlet.shim.policy;

import java.util.Optional;
import java.util.stream.Stream;

/// A number that bounds what a guest may have.
public enum Bound {
  MAX_INSTANCES("max-instances", Unit.COUNT, 256),
  CPU_TIME("cpu-time", Unit.TIME, 0),
  WALL_TIME("wall-time", Unit.TIME, 0),
  MAX_OUTGOING_REQUESTS("max-outgoing-requests", Unit.COUNT, 0),
  HTTP_MAX_REQUESTS("http-max-requests", Unit.COUNT, 256),
  HTTP_REQUEST_TIMEOUT("http-request-timeout", Unit.TIME, 60_000),
  HTTP_MAX_HEAD("http-max-head", Unit.SIZE, 64 << 10),
  HTTP_MAX_BODY("http-max-body", Unit.SIZE, 64 << 20),
  HTTP_REQUEST_MEMORY("http-request-memory", Unit.SIZE, 0),
  HTTP_REQUESTS_PER_INSTANCE("http-requests-per-instance", Unit.COUNT, 1),
  HTTP_WORKERS("http-workers", Unit.COUNT, 0);

  private final String key;
  private final Unit unit;
  private final long usual;

  Bound(String key, Unit unit, long usual) {
    this.key = key;
    this.unit = unit;
    this.usual = usual;
  }

  /// Its name in annotations and flags.
  public String key() {
    return key;
  }

  /// Its name in the node's settings.
  public String setting() {
    return key.replace('-', '_');
  }

  public Unit unit() {
    return unit;
  }

  /// What holds if nobody says anything, on a node that allows no more than `most`.
  long within(long most) {
    return usual == 0 ? most : Math.min(usual, most);
  }

  /// The bound of that name in annotations.
  static Optional<Bound> named(String key) {
    return Stream.of(values()).filter(bound -> bound.key.equals(key)).findFirst();
  }

  /// The bound of that name in the node's settings.
  public static Optional<Bound> set(String setting) {
    return Stream.of(values()).filter(bound -> bound.setting().equals(setting)).findFirst();
  }
}
