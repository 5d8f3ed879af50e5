package dev.krustlet.shim.rpc;

import dev.krustlet.ttrpc.Code;
import dev.krustlet.ttrpc.Observer;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Logs connections and calls for whoever looks for a fault: what ends well at level DEBUG, what no
/// caller hears of as a warning.
///
/// @param peers who is at the other end of the connections
public record CallLog(String peers) implements Observer {
  private static final Logger LOG = LoggerFactory.getLogger(CallLog.class);

  @Override
  public void connectionOpened(long connection) {
    LOG.debug("{}: connection {} is open", peers, connection);
  }

  @Override
  public void connectFailed(IOException cause) {
    LOG.debug("{}: cannot connect", peers, cause);
  }

  @Override
  public void connectionClosed(long connection, @Nullable IOException cause) {
    LOG.debug("{}: connection {} is closed", peers, connection, cause);
  }

  @Override
  public void callEnded(long connection, String service, String method, Code code, Duration time) {
    LOG.debug("{}: {}/{} answered {} after {}", peers, service, method, code, time);
  }

  @Override
  public void requestRefused(long connection, Code code, String message) {
    LOG.debug(
        "{}: a request of connection {} is refused, {}: {}", peers, connection, code, message);
  }

  @Override
  public void failed(Throwable failure) {
    LOG.warn("{}: no caller hears of this failure", peers, failure);
  }
}
