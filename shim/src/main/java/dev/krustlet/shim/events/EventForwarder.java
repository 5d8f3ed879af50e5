package dev.krustlet.shim.events;

import com.google.protobuf.Any;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Timestamp;
import dev.krustlet.proto.services.events.ForwardRequest;
import dev.krustlet.proto.types.Envelope;
import dev.krustlet.ttrpc.Observer;
import dev.krustlet.ttrpc.OrderedSender;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Delivers events to containerd's TTRPC socket, in order, across its restarts.
public final class EventForwarder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventForwarder.class);
  private static final String SERVICE = "containerd.services.events.ttrpc.v1.Events";

  /// What clients wait for, and cannot ask for later once the container is deleted.
  private static final Set<String> LASTING = Set.of("/tasks/exit", "/tasks/delete", "/tasks/oom");

  private final OrderedSender sender;
  private final String namespace;
  private final Clock clock;

  private EventForwarder(OrderedSender sender, String namespace, Clock clock) {
    this.sender = sender;
    this.namespace = namespace;
    this.clock = clock;
  }

  public static EventForwarder to(Path socket, String namespace, Clock clock, Observer observer) {
    var sender =
        OrderedSender.to(
            socket,
            OrderedSender.Settings.DEFAULT,
            loss -> LOG.warn("lost events: {}", loss),
            observer);
    return new EventForwarder(sender, namespace, clock);
  }

  /// Queues an event; never blocks.
  ///
  /// @param type the message's full name, which is its type URL at containerd
  public void publish(String topic, String type, MessageLite event) {
    Instant now = clock.instant();
    var envelope =
        Envelope.newBuilder()
            .setTimestamp(
                Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()))
            .setNamespace(namespace)
            .setTopic(topic)
            .setEvent(Any.newBuilder().setTypeUrl(type).setValue(event.toByteString()));
    sender.send(
        SERVICE,
        "Forward",
        ForwardRequest.newBuilder().setEnvelope(envelope).build(),
        Map.of("containerd-namespace-ttrpc", namespace),
        new OrderedSender.Kind(topic, LASTING.contains(topic)));
  }

  /// Delivers what is queued if it can in a few seconds.
  @Override
  public void close() {
    sender.close();
  }
}
