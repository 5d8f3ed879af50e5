package dev.krustlet.shim.policy;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a pod asks for: the annotations of its containers' specs. One that nobody knows is an
/// error, for a misspelt bound that is silently ignored is no bound.
public final class PolicyAnnotations {
  /// What all annotations for Krustlet begin with.
  public static final String PREFIX = "krustlet.dev/";

  /// What two began with that Krustlet of old read.
  private static final String OLD = "alpha.wasi.krustlet.dev/";

  static final String OUTBOUND = PREFIX + "outbound";
  static final String INBOUND = PREFIX + "inbound-ports";
  static final String LISTEN = PREFIX + "listen";
  static final String FEATURES = PREFIX + "wasm-features";
  static final String PREOPENS = PREFIX + "preopens";
  static final String DETERMINISTIC = PREFIX + "deterministic";
  static final String ACCESS_LOG = PREFIX + "http-access-log";
  static final String OLD_DOMAINS = OLD + "allowed-domains";
  static final String OLD_REQUESTS = OLD + "max-concurrent-requests";

  private static final Set<String> KNOWN =
      Stream.concat(
              Stream.of(
                  OUTBOUND,
                  INBOUND,
                  LISTEN,
                  FEATURES,
                  PREOPENS,
                  DETERMINISTIC,
                  ACCESS_LOG,
                  OLD_DOMAINS,
                  OLD_REQUESTS),
              Stream.of(Bound.values()).map(PolicyAnnotations::name))
          .collect(Collectors.toUnmodifiableSet());

  private final Map<String, String> annotations;

  private PolicyAnnotations(Map<String, String> annotations) {
    this.annotations = annotations;
  }

  /// What the annotations ask for.
  ///
  /// @param others those for Krustlet that somebody else reads
  /// @throws IllegalArgumentException with a sentence that names the annotation
  public static Policy read(Map<String, String> annotations, Set<String> others) {
    refuseUnknown(annotations.keySet(), others);
    return new PolicyAnnotations(annotations).policy();
  }

  static String name(Bound bound) {
    return PREFIX + bound.key();
  }

  private static void refuseUnknown(Set<String> keys, Set<String> others) {
    for (String key : new TreeSet<>(keys)) {
      boolean ours = key.startsWith(PREFIX) || key.startsWith(OLD);
      if (ours && !KNOWN.contains(key) && !others.contains(key)) {
        throw new IllegalArgumentException("annotation %s: there is no such one".formatted(key));
      }
    }
  }

  private Policy policy() {
    return new Policy(
        outbound(),
        value(INBOUND, text -> Values.list(text, PortRange::parse)),
        value(LISTEN, text -> Values.list(text, ListenAddress::parse)).orElse(List.of()),
        bounds(),
        value(FEATURES, text -> Values.list(text, WasmFeature::parse)).map(PolicyAnnotations::set),
        value(PREOPENS, text -> Values.list(text, Values::preopen)).orElse(List.of()),
        value(DETERMINISTIC, Values::isOn),
        value(ACCESS_LOG, Values::isOn));
  }

  private Optional<List<OutboundRule>> outbound() {
    refuseBoth(OUTBOUND, OLD_DOMAINS);
    return value(OUTBOUND, text -> Values.list(text, OutboundRule::parse))
        .or(() -> value(OLD_DOMAINS, AllowedDomains::parse).flatMap(rules -> rules));
  }

  private Map<Bound, Long> bounds() {
    Map<Bound, Long> bounds = new EnumMap<>(Bound.class);
    refuseBoth(name(Bound.MAX_OUTGOING_REQUESTS), OLD_REQUESTS);
    value(OLD_REQUESTS, Unit.COUNT::parse)
        .ifPresent(n -> bounds.put(Bound.MAX_OUTGOING_REQUESTS, n));
    for (Bound bound : Bound.values()) {
      value(name(bound), bound.unit()::parse).ifPresent(n -> bounds.put(bound, n));
    }
    return bounds;
  }

  private void refuseBoth(String one, String other) {
    if (annotations.containsKey(one) && annotations.containsKey(other)) {
      throw new IllegalArgumentException(
          "annotations %s and %s mean the same: give one of them".formatted(one, other));
    }
  }

  private static Set<WasmFeature> set(List<WasmFeature> features) {
    Set<WasmFeature> set = EnumSet.noneOf(WasmFeature.class);
    set.addAll(features);
    return set;
  }

  private <T> Optional<T> value(String name, Function<String, T> parse) {
    try {
      return Optional.ofNullable(annotations.get(name)).map(String::strip).map(parse);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("annotation %s: %s".formatted(name, e.getMessage()), e);
    }
  }
}
