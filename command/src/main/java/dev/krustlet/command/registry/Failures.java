package dev.krustlet.command.registry;

import com.google.cloud.tools.jib.api.InsecureRegistryException;
import com.google.cloud.tools.jib.api.RegistryAuthenticationFailedException;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.RegistryUnauthorizedException;
import com.google.cloud.tools.jib.http.ResponseException;
import dev.krustlet.command.registry.RegistryFailure.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Objects;
import javax.net.ssl.SSLException;

/// What jib's exceptions mean to somebody who types a command.
///
/// @param server the registry
/// @param subject what was asked of it
record Failures(String server, String subject) {
  RegistryFailure of(Exception e) {
    return switch (e) {
      case RegistryFailure known -> known;
      case RegistryUnauthorizedException u ->
          status(u.getHttpResponseException().getStatusCode(), u);
      case RegistryAuthenticationFailedException a -> denied(status(a), a);
      case ResponseException r -> status(r.getStatusCode(), r);
      case InsecureRegistryException i -> tls(i);
      case SSLException s -> tls(s);
      case RegistryException r -> ofCause(r);
      case UnknownHostException u ->
          failure(Kind.UNREACHABLE, "%s: no such host; check the name", u);
      case ConnectException c -> failure(Kind.UNREACHABLE, "%s: the connection was refused", c);
      case SocketTimeoutException t -> failure(Kind.UNREACHABLE, "%s did not answer in time", t);
      case IOException io when io.getCause() instanceof RegistryException r -> of(r);
      default -> refused(e);
    };
  }

  private RegistryFailure refused(Exception e) {
    return new RegistryFailure(Kind.REFUSED, "%s: %s".formatted(subject, cause(e)), e);
  }

  /// jib wraps what the registry answered in a text of its own.
  private RegistryFailure ofCause(RegistryException e) {
    return e.getCause() instanceof ResponseException r ? status(r.getStatusCode(), e) : refused(e);
  }

  private RegistryFailure status(int status, Exception e) {
    return switch (status) {
      case 401 -> denied(401, e);
      case 403 ->
          new RegistryFailure(
              Kind.DENIED,
              "%s: %s does not allow it to this user (status 403)".formatted(subject, server),
              e);
      case 404 ->
          new RegistryFailure(
              Kind.ABSENT,
              "%s: %s has no such image (status 404); check name and tag"
                  .formatted(subject, server),
              e);
      case 429 ->
          new RegistryFailure(
              Kind.REFUSED,
              "%s: %s was asked too often (status 429); wait, or log in".formatted(subject, server),
              e);
      default ->
          new RegistryFailure(
              Kind.REFUSED, "%s: status %d: %s".formatted(subject, status, cause(e)), e);
    };
  }

  private static int status(RegistryAuthenticationFailedException e) {
    return e.getCause() instanceof ResponseException r ? r.getStatusCode() : 401;
  }

  private RegistryFailure denied(int status, Exception e) {
    return new RegistryFailure(
        Kind.DENIED,
        "%s: %s wants to know who asks (status %d); `docker login %s` once, or give --user and"
                .formatted(subject, server, status, server)
            + " --password-stdin",
        e);
  }

  RegistryFailure tls(Exception e) {
    return new RegistryFailure(
        Kind.UNREACHABLE,
        "%s: TLS with %s failed: %s; --insecure does without, where the network can be trusted"
            .formatted(subject, server, cause(e)),
        e);
  }

  private RegistryFailure failure(Kind kind, String what, Exception e) {
    return new RegistryFailure(kind, "%s: %s".formatted(subject, what.formatted(server)), e);
  }

  private static String cause(Throwable e) {
    Throwable last = e;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    return Objects.requireNonNullElse(last.getMessage(), last.getClass().getSimpleName())
        .strip()
        .replaceAll("\\R\\s*", " ");
  }
}
