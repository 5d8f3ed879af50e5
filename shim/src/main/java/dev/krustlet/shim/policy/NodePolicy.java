package dev.krustlet.shim.policy;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What the node's operator allows: pods may ask for less, and what they ask beyond it is refused.
///
/// @param outbound what may be connected to; each rule of a pod has to be within one of these
/// @param inbound ports that may be listened at
/// @param listen whether there may be sockets that are open at the start
/// @param features what of WebAssembly modules may use
/// @param preopens whether there may be other preopens than the root
/// @param most of each bound
/// @param usual what holds for pods that do not ask
/// @param deterministic what holds for pods that do not ask
/// @param accessLog what holds for pods that do not ask
public record NodePolicy(
    Optional<List<OutboundRule>> outbound,
    Optional<List<PortRange>> inbound,
    boolean listen,
    Set<WasmFeature> features,
    boolean preopens,
    Map<Bound, Long> most,
    Map<Bound, Long> usual,
    boolean deterministic,
    boolean accessLog) {
  /// Everything is allowed.
  public static final NodePolicy DEFAULT =
      new NodePolicy(
          Optional.empty(),
          Optional.empty(),
          true,
          EnumSet.allOf(WasmFeature.class),
          true,
          Map.of(),
          Map.of(),
          false,
          false);

  public NodePolicy {
    outbound = outbound.map(List::copyOf);
    inbound = inbound.map(List::copyOf);
    features = Set.copyOf(features);
    most = Map.copyOf(most);
    usual = Map.copyOf(usual);
    for (var entry : usual.entrySet()) {
      Bound bound = entry.getKey();
      long limit = most.getOrDefault(bound, Long.MAX_VALUE);
      if (entry.getValue() > limit) {
        throw new IllegalArgumentException(
            "policy.default.%s: %s is more than policy.max.%s of %s"
                .formatted(
                    bound.setting(),
                    bound.unit().write(entry.getValue()),
                    bound.setting(),
                    bound.unit().write(limit)));
      }
    }
  }

  /// What a pod gets that asks for `asked`.
  ///
  /// @throws IllegalArgumentException with a sentence that names what it asks and what the node
  ///   allows
  public Policy grant(Policy asked) {
    checkLists(asked);
    return new Policy(
        asked.outbound().or(this::outbound),
        asked.inbound().or(this::inbound),
        asked.listen(),
        bounds(asked),
        Optional.of(granted(asked)),
        asked.preopens(),
        Optional.of(asked.deterministic().orElse(deterministic)),
        Optional.of(asked.accessLog().orElse(accessLog)));
  }

  private void checkLists(Policy asked) {
    outbound.ifPresent(ceiling -> {
      for (OutboundRule rule : asked.outbound().orElse(List.of())) {
        refuseUnless(rule.isWithin(ceiling), PolicyAnnotations.OUTBOUND, rule, "outbound", ceiling);
      }
    });
    inbound.ifPresent(ceiling -> {
      for (PortRange range : asked.inbound().orElse(List.of())) {
        refuseUnless(
            isWithin(range, ceiling), PolicyAnnotations.INBOUND, range, "inbound_ports", ceiling);
      }
    });
    checkListen(asked);
    refuseUnless(
        preopens || asked.preopens().isEmpty(),
        PolicyAnnotations.PREOPENS,
        asked.preopens(),
        "preopens",
        false);
  }

  /// Sockets that are open at the start are held to the ports of the pod as well as to the node's.
  private void checkListen(Policy asked) {
    for (String address : asked.listen()) {
      refuseUnless(listen, PolicyAnnotations.LISTEN, address, "listen", false);
      PortRange port = ListenAddress.port(address);
      inbound.ifPresent(ceiling ->
          refuseUnless(
              isWithin(port, ceiling),
              PolicyAnnotations.LISTEN,
              address,
              "inbound_ports",
              ceiling));
      if (asked.inbound().isPresent() && !isWithin(port, asked.inbound().get())) {
        throw new IllegalArgumentException(
            "annotation %s: %s is beyond annotation %s: %s"
                .formatted(
                    PolicyAnnotations.LISTEN,
                    address,
                    PolicyAnnotations.INBOUND,
                    asked.inbound().get()));
      }
    }
  }

  private static boolean isWithin(PortRange range, List<PortRange> ceiling) {
    return ceiling.stream().anyMatch(range::isWithin);
  }

  private Map<Bound, Long> bounds(Policy asked) {
    Map<Bound, Long> bounds = new EnumMap<>(Bound.class);
    for (Bound bound : Bound.values()) {
      Long wish = asked.bounds().get(bound);
      Long limit = most.get(bound);
      if (wish != null && limit != null && wish > limit) {
        throw beyond(
            PolicyAnnotations.name(bound),
            bound.unit().write(wish),
            "max." + bound.setting(),
            bound.unit().write(limit));
      }
      Long value = wish != null ? wish : usual.get(bound);
      if (value != null) {
        bounds.put(bound, value);
      } else if (limit != null) {
        bounds.put(bound, bound.within(limit));
      }
    }
    return bounds;
  }

  private Set<WasmFeature> granted(Policy asked) {
    for (WasmFeature feature : asked.features().orElse(Set.of())) {
      refuseUnless(
          features.contains(feature),
          PolicyAnnotations.FEATURES,
          feature.key(),
          "wasm_features",
          features.stream().map(WasmFeature::key).sorted().toList());
    }
    return asked.features().orElse(features);
  }

  private static void refuseUnless(
      boolean good, String annotation, Object wish, String setting, Object ceiling) {
    if (!good) {
      throw beyond(annotation, wish, setting, ceiling);
    }
  }

  private static IllegalArgumentException beyond(
      String annotation, Object wish, String setting, Object ceiling) {
    return new IllegalArgumentException(
        "annotation %s: %s is beyond what this node allows, policy.%s = %s"
            .formatted(annotation, wish, setting, ceiling));
  }
}
