package dev.krustlet.shim.settings;

import com.electronwill.nightconfig.core.UnmodifiableConfig;
import dev.krustlet.shim.policy.Bound;
import dev.krustlet.shim.policy.NodePolicy;
import dev.krustlet.shim.policy.OutboundRule;
import dev.krustlet.shim.policy.PortRange;
import dev.krustlet.shim.policy.WasmFeature;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The table `[policy]` of the node's settings.
final class PolicySettings {
  private static final String DETERMINISTIC = "deterministic";
  private static final String ACCESS_LOG = "http_access_log";
  private static final Set<String> KEYS =
      Set.of("outbound", "inbound_ports", "listen", "preopens", "wasm_features", "max", "default");
  private static final Set<String> BOUNDS =
      Stream.of(Bound.values()).map(Bound::setting).collect(Collectors.toUnmodifiableSet());

  private PolicySettings() {}

  /// Reads the table.
  ///
  /// @throws IllegalArgumentException with a sentence that names the key
  static NodePolicy read(UnmodifiableConfig root) {
    SettingsTable policy = new SettingsTable(root, "").table("policy");
    policy.refuseOthers(KEYS);
    SettingsTable most = policy.table("max");
    most.refuseOthers(BOUNDS);
    SettingsTable usual = policy.table("default");
    usual.refuseOthers(union(BOUNDS, Set.of(DETERMINISTIC, ACCESS_LOG)));
    return new NodePolicy(
        policy.list("outbound").map(rules -> each(policy, "outbound", rules, OutboundRule::parse)),
        policy
            .list("inbound_ports")
            .map(ports -> each(policy, "inbound_ports", ports, PortRange::parse)),
        policy.isOn("listen", true),
        features(policy),
        policy.isOn("preopens", true),
        bounds(most),
        bounds(usual),
        usual.isOn(DETERMINISTIC, false),
        usual.isOn(ACCESS_LOG, false));
  }

  private static Set<WasmFeature> features(SettingsTable policy) {
    Set<WasmFeature> features = EnumSet.noneOf(WasmFeature.class);
    policy
        .list("wasm_features")
        .map(names -> each(policy, "wasm_features", names, WasmFeature::parse))
        .ifPresentOrElse(features::addAll, () -> features.addAll(NodePolicy.DEFAULT.features()));
    return features;
  }

  private static Map<Bound, Long> bounds(SettingsTable table) {
    Map<Bound, Long> bounds = new EnumMap<>(Bound.class);
    for (Bound bound : Bound.values()) {
      table
          .scalar(bound.setting())
          .map(text -> table.naming(bound.setting(), () -> bound.unit().parse(text)))
          .ifPresent(value -> bounds.put(bound, value));
    }
    return bounds;
  }

  private static <T> List<T> each(
      SettingsTable table, String key, List<String> texts, Function<String, T> parse) {
    return texts.stream().map(text -> table.naming(key, () -> parse.apply(text))).toList();
  }

  private static Set<String> union(Set<String> one, Set<String> other) {
    Set<String> both = new TreeSet<>(one);
    both.addAll(other);
    return both;
  }
}
