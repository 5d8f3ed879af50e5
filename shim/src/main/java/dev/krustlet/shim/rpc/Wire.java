package dev.krustlet.shim.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Timestamp;
import dev.krustlet.shim.engine.TaskException;
import dev.krustlet.shim.oci.Mount;
import dev.krustlet.ttrpc.Code;
import dev.krustlet.ttrpc.TtrpcException;
import java.time.Instant;

/// Our words and the wire's, one for one.
final class Wire {
  private static final int MAX_SENTENCE = 4096;

  private Wire() {}

  static Timestamp timestamp(Instant at) {
    return Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()).build();
  }

  /// containerd's type URLs are bare names, without the prefix that protobuf's own `pack` puts
  /// before them.
  static Any any(String type, MessageLite message) {
    return Any.newBuilder().setTypeUrl(type).setValue(message.toByteString()).build();
  }

  static Mount mount(dev.krustlet.proto.types.Mount mount) {
    return new Mount(mount.getTarget(), mount.getType(), mount.getSource(), mount.getOptionsList());
  }

  static dev.krustlet.proto.types.Mount mount(Mount mount) {
    return dev.krustlet.proto.types.Mount.newBuilder()
        .setTarget(mount.destination())
        .setType(mount.type())
        .setSource(mount.source())
        .addAllOptions(mount.options())
        .build();
  }

  static TtrpcException refusal(TaskException e) {
    return new TtrpcException(
        Code.of(e.code().number()), bounded(String.valueOf(e.getMessage())), e);
  }

  /// A sentence quotes what it was asked for, which may be of any length; a message may not.
  static String bounded(String sentence) {
    int end = MAX_SENTENCE / 2;
    return sentence.length() <= MAX_SENTENCE
        ? sentence
        : "%s … (%d characters) … %s"
            .formatted(
                sentence.substring(0, end),
                sentence.length() - MAX_SENTENCE,
                sentence.substring(sentence.length() - end));
  }
}
