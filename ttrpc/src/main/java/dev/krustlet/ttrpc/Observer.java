package dev.krustlet.ttrpc;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Is told of the connections and calls of a server or a client: where logs, figures and traces are
/// attached.
///
/// The methods are called on the threads that serve and must return at once. An exception of theirs
/// is dropped and changes nothing. The end of a connection and of a call is told exactly once,
/// after its beginning.
public interface Observer {
  /// Does nothing.
  Observer NONE = new Observer() {};

  /// A server has admitted a peer, or a client has connected.
  ///
  /// @param connection a number that no other connection of this process has
  default void connectionOpened(long connection) {}

  /// A sender could not connect, and will try again.
  default void connectFailed(IOException cause) {}

  /// A connection has ended.
  ///
  /// @param cause the failure that ended it; null if this side closed it, or the peer closed it
  ///   between two messages
  default void connectionClosed(long connection, @Nullable IOException cause) {}

  /// A server has read a request for a method that it has, or a client begins to send one.
  default void callBegun(long connection, String service, String method) {}

  /// A call was answered, or nobody waits for its answer any more.
  ///
  /// @param code [Code#OK], or the status that the caller was told
  /// @param time since the call was begun
  default void callEnded(
      long connection, String service, String method, Code code, Duration time) {}

  /// A server has refused a request that never became a call: the method is not known, a bound is
  /// met, or the request cannot be read.
  default void requestRefused(long connection, Code code, String message) {}

  /// Something failed that no caller can be told of, or a handler threw what it should not.
  default void failed(Throwable failure) {}
}
