package dev.krustlet.shim.policy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What guests may do, as a pod asks for it or as it is granted. What is empty is not spoken of.
///
/// @param outbound what they may connect to
/// @param inbound ports that they may listen at
/// @param listen sockets that they find open, `ADDRESS:PORT` each
/// @param bounds the numbers
/// @param features what of WebAssembly their modules may use
/// @param preopens directories that they see instead of the root, with `:ro` behind some
/// @param deterministic whether numbers and clocks are the same in every run
/// @param accessLog whether each request of a service is a line of the log
public record Policy(
    Optional<List<OutboundRule>> outbound,
    Optional<List<PortRange>> inbound,
    List<String> listen,
    Map<Bound, Long> bounds,
    Optional<Set<WasmFeature>> features,
    List<String> preopens,
    Optional<Boolean> deterministic,
    Optional<Boolean> accessLog) {
  /// Nothing is said.
  public static final Policy NONE =
      new Policy(
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Map.of(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.empty());

  public Policy {
    outbound = outbound.map(List::copyOf);
    inbound = inbound.map(List::copyOf);
    listen = List.copyOf(listen);
    bounds = Map.copyOf(bounds);
    features = features.map(Set::copyOf);
    preopens = List.copyOf(preopens);
  }

  /// A bound, or 0 if there is none.
  public long bound(Bound bound) {
    return bounds.getOrDefault(bound, 0L);
  }
}
