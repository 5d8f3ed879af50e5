package dev.krustlet.ttrpc;

import com.google.protobuf.MessageLite;

/// Answers calls of one method. Calls run concurrently, each on a virtual thread of its own, which
/// is interrupted when the caller's deadline passes or its connection ends.
@FunctionalInterface
public interface UnaryHandler<Q extends MessageLite, R extends MessageLite> {
  /// Answers one call.
  ///
  /// @throws TtrpcException with the status to answer
  R handle(CallContext context, Q request) throws TtrpcException, InterruptedException;
}
