package dev.krustlet.testbed.api;

import com.google.protobuf.Any;
import com.google.protobuf.Empty;
import dev.krustlet.proto.services.events.v1.PublishRequest;
import dev.krustlet.proto.services.events.v1.SubscribeRequest;
import dev.krustlet.proto.types.Envelope;
import io.grpc.StatusRuntimeException;
import java.util.function.Consumer;

/// containerd's events.
public record Exchange(Containerd containerd) {
  private static final Call<SubscribeRequest, Envelope> SUBSCRIBE =
      Call.streaming(
          "events.v1.Events/Subscribe",
          SubscribeRequest.getDefaultInstance(),
          Envelope.getDefaultInstance());
  private static final Call<PublishRequest, Empty> PUBLISH =
      Call.of(
          "events.v1.Events/Publish",
          PublishRequest.getDefaultInstance(),
          Empty.getDefaultInstance());

  /// Hears all events until containerd or this connection ends.
  public void listen(Consumer<Envelope> listener) {
    try {
      containerd
          .listen(SUBSCRIBE, SubscribeRequest.getDefaultInstance())
          .forEachRemaining(listener);
    } catch (StatusRuntimeException _) {
      containerd.reconnect();
    }
  }

  /// Publishes an event that says nothing, for those who want to know whether they hear.
  public void publish(String topic) throws CallException {
    var nothing = Any.newBuilder().setTypeUrl("google.protobuf.Empty");
    containerd.ask(PUBLISH, PublishRequest.newBuilder().setTopic(topic).setEvent(nothing).build());
  }
}
