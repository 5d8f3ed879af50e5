package dev.krustlet.shim.engine.wasm;

import dev.krustlet.proto.engine.v1.Http;
import dev.krustlet.proto.engine.v1.Network;
import dev.krustlet.shim.engine.ContainerRequest;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.engine.TaskException.Code;
import dev.krustlet.shim.policy.Bound;
import dev.krustlet.shim.policy.NodePolicy;
import dev.krustlet.shim.policy.OutboundRule;
import dev.krustlet.shim.policy.Policy;
import dev.krustlet.shim.policy.PolicyAnnotations;
import dev.krustlet.shim.policy.PortRange;
import java.util.List;
import java.util.Set;

/// What the guests of a container may do: as the annotations of its spec ask, and the node allows.
final class WasmPolicy {
  private static final Set<String> OTHERS =
      Set.of(WasmInterfaces.CONFIG_DIRS, WasmInterfaces.KEYVALUE);

  private WasmPolicy() {}

  /// What a container is granted.
  static Policy of(ContainerRequest request, NodePolicy node) throws TaskException {
    try {
      return node.grant(PolicyAnnotations.read(request.spec().annotations(), OTHERS));
    } catch (IllegalArgumentException e) {
      throw new TaskException(
          Code.INVALID_ARGUMENT, "container %s: %s".formatted(request.id(), e.getMessage()), e);
    }
  }

  /// The same in the engine's words.
  static dev.krustlet.proto.engine.v1.Policy told(Policy policy) {
    return dev.krustlet.proto.engine.v1.Policy.newBuilder()
        .setHttp(http(policy))
        .setNetwork(network(policy))
        .setMaxInstances(count(policy, Bound.MAX_INSTANCES))
        .setCpuTimeMs(policy.bound(Bound.CPU_TIME))
        .setWallTimeMs(policy.bound(Bound.WALL_TIME))
        .setDeterministic(policy.deterministic().orElse(false))
        .addAllPreopens(policy.preopens())
        .build();
  }

  private static Http http(Policy policy) {
    return Http.newBuilder()
        .setMaxRequests(count(policy, Bound.HTTP_MAX_REQUESTS))
        .setRequestTimeoutMs(policy.bound(Bound.HTTP_REQUEST_TIMEOUT))
        .setMaxHeadBytes(policy.bound(Bound.HTTP_MAX_HEAD))
        .setMaxBodyBytes(policy.bound(Bound.HTTP_MAX_BODY))
        .setRequestMemoryBytes(policy.bound(Bound.HTTP_REQUEST_MEMORY))
        .setMaxRequestsPerInstance(count(policy, Bound.HTTP_REQUESTS_PER_INSTANCE))
        .setWorkers(count(policy, Bound.HTTP_WORKERS))
        .setAccessLog(policy.accessLog().orElse(false))
        .build();
  }

  private static Network network(Policy policy) {
    return Network.newBuilder()
        .setOutboundRestricted(policy.outbound().isPresent())
        .addAllOutbound(
            policy.outbound().orElse(List.of()).stream().map(OutboundRule::text).toList())
        .setInboundRestricted(policy.inbound().isPresent())
        .addAllInbound(
            policy.inbound().orElse(List.of()).stream().map(PortRange::toString).toList())
        .addAllListen(policy.listen())
        .setMaxOutgoingRequests(count(policy, Bound.MAX_OUTGOING_REQUESTS))
        .build();
  }

  /// Counts have nine digits at most.
  private static int count(Policy policy, Bound bound) {
    return Math.toIntExact(policy.bound(bound));
  }
}
